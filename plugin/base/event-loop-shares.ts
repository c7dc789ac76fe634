import { setImmediate, setTimeout } from 'node:timers/promises'

import type { OrgId } from '../contract/ids.ts'

/** Who had something done so lately may be waiting for an answer. */
const LATELY_MS = 2_000
/** So many times as long as it was worked for, an org leaves the loop to others. */
const REST = 2
const REST_MOST_MS = 500
/** Others hardly notice what is shorter. */
const SHORT_MS = 2

/** What somebody wants done: something for what people write, or a call and what those who watch are told. */
export type Share = 'messages' | 'calls'

type Waiting = Record<Share, (() => void)[]>

/**
 * The one loop that does everybody's work. An org has one thing done at a time, and everybody else's work is done in between: many
 * may wait for the same event. What people write does not wait for all calls, nor the other way round: each is next after the other.
 * Where other orgs have something to do as well, an org rests twice as long as what it asked for took, so that it never takes more
 * than a third of the loop.
 */
export class EventLoopShares {
  readonly #waiting = new Map<OrgId, Waiting>()
  /** Each org, in the order in which they were last worked for. */
  readonly #seenAt = new Map<OrgId, number>()

  /** Resolves when it is this one's turn among those of its org. What is done until the loop goes on counts as one. */
  next(org: OrgId, share: Share): Promise<void> {
    return new Promise(resolve => {
      const known = this.#waiting.get(org)
      const waiting = known ?? { messages: [], calls: [] }
      waiting[share].push(resolve)
      if (known) return
      this.#waiting.set(org, waiting)
      void this.#serve(org, waiting)
    })
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

  async #serve(org: OrgId, waiting: Waiting): Promise<void> {
    for (let last: Share = 'calls'; waiting.messages.length + waiting.calls.length > 0;) {
      await setImmediate()
      const other: Share = last === 'calls' ? 'messages' : 'calls'
      last = waiting[other].length > 0 ? other : last
      waiting[last].shift()?.()
      await this.#rest(org)
    }
    this.#waiting.delete(org)
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
