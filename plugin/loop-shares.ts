import { setImmediate, setTimeout } from 'node:timers/promises'

import type { OrgId } from './contract/ids.ts'

/** Who had something done so lately may be waiting for an answer. */
const LATELY_MS = 2_000
/** So many times as long as it was worked for, an org leaves the loop to others. */
const REST = 2
const REST_MOST_MS = 500
/** Others hardly notice what is shorter. */
const SHORT_MS = 2

/**
 * The one loop that does everybody's work. An org has one thing done at a time, and everybody else's work is done in between: many
 * may wait for the same event. Where other orgs have something to do as well, it rests twice as long as what it asked for took, so
 * that it never takes more than a third of the loop.
 */
export class LoopShares {
  readonly #last = new Map<OrgId, Promise<void>>()
  /** Each org, in the order in which they were last worked for. */
  readonly #seenAt = new Map<OrgId, number>()

  /** Resolves when it is this one's turn among those of its org. What is done until the loop goes on counts as one. */
  next(org: OrgId): Promise<void> {
    const before = this.#last.get(org) ?? Promise.resolve()
    const own = before.then(() => setImmediate())
    const rested = own.then(() => this.#rest(org))
    this.#last.set(org, rested)
    void rested.then(() => {
      if (this.#last.get(org) === rested) this.#last.delete(org)
    })
    return own
  }

  /** An org has something done that nobody waits with. */
  seen(org: OrgId): void {
    const now = performance.now()
    this.#seenAt.delete(org)
    this.#seenAt.set(org, now)
    for (const [each, at] of this.#seenAt) {
      if (at > now - LATELY_MS) return
      this.#seenAt.delete(each)
    }
  }

  async #rest(org: OrgId): Promise<void> {
    const begunAt = performance.now()
    await setImmediate()
    const tookMs = performance.now() - begunAt
    this.seen(org)
    if (tookMs > SHORT_MS && this.#seenAt.size > 1)
      await setTimeout(Math.min(REST_MOST_MS, tookMs * REST), undefined, { ref: false })
  }
}
