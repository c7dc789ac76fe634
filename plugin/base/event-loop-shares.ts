import { setImmediate, setTimeout } from 'node:timers/promises'

import type { OrgId } from '../contract/ids.ts'

/** An org that had work within this time may be waiting for an answer. */
const LATELY_MS = 2_000
/** An org leaves the loop to others for this many times as long as its work took. */
const REST = 2
const REST_MOST_MS = 500
/** No rest follows shorter work, which others hardly notice. */
const SHORT_MS = 2

/** The kind of work: incoming messages, or calls and the notifications of watchers. */
export type Share = 'messages' | 'calls'

type Waiting = Record<Share, (() => void)[]>

/**
 * Shares the one event loop among orgs. Each org does one thing at a time, and other orgs' work runs in between, because many
 * callers may wait for the same event. An org's messages and calls take turns, so that neither waits for all of the other. If
 * other orgs have work as well, an org rests twice as long as its work took, at most 500 ms, so that it uses about a third of the
 * loop.
 */
export class EventLoopShares {
  readonly #waiting = new Map<OrgId, Waiting>()
  /** Each org with the time of its last work, the oldest first. */
  readonly #seenAt = new Map<OrgId, number>()

  /** Resolves when it is this caller's turn within its org. All work until the loop continues counts as one piece. */
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

  /** Records that an org had work just now; for work that does not go through {@link next}. */
  seen(org: OrgId): void {
    const now = performance.now()
    this.#seenAt.delete(org)
    this.#seenAt.set(org, now)
    this.#dropIdle(now)
  }

  /** Whether no other org had work lately. */
  isAlone(org: OrgId): boolean {
    this.#dropIdle(performance.now())
    return this.#seenAt.size === (this.#seenAt.has(org) ? 1 : 0)
  }

  #dropIdle(now: number): void {
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
