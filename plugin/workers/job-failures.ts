const WITHIN_MS = 3_600_000
const MOST = 3

type Ended = { readonly by: string | null; readonly at: number }

/**
 * Counts how often a tenant's job had to be ended. Three times within an hour are too many. An end counts once for each sender
 * whose text may have caused it: one person alone never causes all three, however much they write.
 */
export class JobFailures {
  #ended: readonly Ended[] = []

  /**
   * Records an end, and returns whether there are too many now. `by`: the sender whose text may have caused it; null if there is
   * none, and then each end counts.
   */
  note(by: string | null, at: number): boolean {
    const stay = (each: Ended): boolean => each.at > at - WITHIN_MS && (by === null || each.by !== by)
    this.#ended = [...this.#ended.filter(stay), { by, at }].slice(-MOST)
    return this.#ended.length >= MOST
  }
}
