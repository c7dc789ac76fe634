const WITHIN_MS = 3_600_000
const MOST = 3

type Ended = { readonly by: string | null; readonly at: number }

/**
 * How often what a tenant has written had to be ended. Three times within an hour are too many. An end counts once for each sender
 * whose words may have caused it: one person alone, however much they write, never makes it three.
 */
export class Endings {
  #ended: readonly Ended[] = []

  /** Notes an end, and answers whether they are too many now. `by`: whose words may have caused it; null: nobody's, and each counts. */
  note(by: string | null, at: number): boolean {
    const stay = (each: Ended): boolean => each.at > at - WITHIN_MS && (by === null || each.by !== by)
    this.#ended = [...this.#ended.filter(stay), { by, at }].slice(-MOST)
    return this.#ended.length >= MOST
  }
}
