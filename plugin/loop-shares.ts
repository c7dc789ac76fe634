import { setImmediate } from 'node:timers/promises'

import type { OrgId } from './contract/ids.ts'

/** Lets each org have one thing done at a time, and everybody else's work in between: many may wait for the same event. */
export class LoopShares {
  readonly #last = new Map<OrgId, Promise<void>>()

  /** Resolves when it is this one's turn among those of its org. */
  next(org: OrgId): Promise<void> {
    const before = this.#last.get(org) ?? Promise.resolve()
    const own = before.then(() => setImmediate())
    this.#last.set(org, own)
    return own.then(() => {
      if (this.#last.get(org) === own) this.#last.delete(org)
    })
  }
}
