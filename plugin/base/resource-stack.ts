import { errorFields } from '../contract/errors/error-fields.ts'
import type { Log } from '../contract/host.ts'

/** Opened resources, to be closed in the reverse order: each once, even if others cannot be closed. */
export class ResourceStack {
  readonly #log: Log
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = []

  constructor(log: Log) {
    this.#log = log
  }

  defer(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close })
  }

  /** Never throws: a resource that cannot be closed is logged, and the rest is closed all the same. */
  async close(): Promise<void> {
    for (let next = this.#closers.pop(); next; next = this.#closers.pop()) {
      try {
        await next.close()
      } catch (error) {
        this.#log.error({ resource: next.name, ...errorFields(error) }, 'not closed')
      }
    }
  }
}
