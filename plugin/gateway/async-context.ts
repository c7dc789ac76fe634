import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire, syncBuiltinESMExports } from 'node:module'

/** What each storage holds, seen from one asynchronous call. It is never changed: a call that sets something gets a new one. */
type Held = ReadonlyMap<object, unknown>

const held = new AsyncLocalStorage<Held>()

/** An AsyncLocalStorage as Node's documentation has it; all of them share the one that Node itself has to carry along. */
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

  /** What was held under the key before is not found any more, wherever it was set. */
  override disable(): void {
    this.#key = {}
  }

  #holding(store: Store | undefined): Held {
    return new Map(held.getStore()).set(this.#key, store)
  }
}

/**
 * Puts {@link SharedAsyncLocalStorage} in the place of Node's, in this process only. Baileys makes an AsyncLocalStorage for each socket
 * (auth-utils.js, `addTransactionCapability`). Node 20 and 22 carry each one that ever ran along with every promise, for as long as
 * the process lives: after some thousand reconnects that was 40 % of the gateway's time. Node 24 does so no longer.
 */
export function shareAsyncContext(): void {
  const module = createRequire(import.meta.url)('node:async_hooks') as { AsyncLocalStorage: typeof AsyncLocalStorage }
  module.AsyncLocalStorage = SharedAsyncLocalStorage
  syncBuiltinESMExports()
}
