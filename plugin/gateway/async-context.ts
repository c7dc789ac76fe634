import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire, syncBuiltinESMExports } from 'node:module'

/** The value of each storage in one asynchronous call. The map is never changed: a call that sets a value gets a new one. */
type Held = ReadonlyMap<object, unknown>

const held = new AsyncLocalStorage<Held>()

/**
 * An AsyncLocalStorage as Node's documentation describes it. All instances share one storage, the only one Node has to carry along.
 */
class SharedAsyncLocalStorage<Store> extends AsyncLocalStorage<Store> {
  #key = {}

  override run<Result, Args extends unknown[]>(store: Store, work: (...args: Args) => Result, ...args: Args): Result {
    return held.run(this.#holding(store), work, ...args)
  }

  override exit<Result, Args extends unknown[]>(work: (...args: Args) => Result, ...args: Args): Result {
    return held.run(this.#holding(undefined), work, ...args)
  }

  override enterWith(store: Store): void {
    held.enterWith(this.#holding(store))
  }

  override getStore(): Store | undefined {
    return held.getStore()?.get(this.#key) as Store | undefined
  }

  /** Values that were set before are no longer found, wherever they were set. */
  override disable(): void {
    this.#key = {}
  }

  #holding(store: Store | undefined): Held {
    return new Map(held.getStore()).set(this.#key, store)
  }
}

/**
 * Replaces Node's AsyncLocalStorage by {@link SharedAsyncLocalStorage}, in this process only. Baileys creates an AsyncLocalStorage
 * for each socket (auth-utils.js, `addTransactionCapability`). Node 20 and 22 carry each one that was ever used along with every
 * promise, for the life of the process: after some thousand reconnects that was 40 % of the gateway's time. Node 24 no longer does
 * so.
 */
export function shareAsyncContext(): void {
  const module = createRequire(import.meta.url)('node:async_hooks') as object
  // From Node 22 on it is a getter, to which nothing can be assigned.
  Object.defineProperty(module, 'AsyncLocalStorage', {
    value: SharedAsyncLocalStorage,
    writable: true,
    enumerable: true,
    configurable: true,
  })
  syncBuiltinESMExports()
}
