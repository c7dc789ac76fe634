import { errorFields } from '../contract/errors/error-fields.ts'
import type { Log } from '../contract/host.ts'

/** What was opened, in order, so that it can be closed in the reverse order: each thing once, whatever the others do. */
export class ResourceStack {
  readonly #log: Log
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = []

  constructor(log: Log) {
    this.#log = log
  }

  defer(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close })
  }

  /** Never throws: what cannot be closed is logged, and the rest is closed all the same. */
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
