/** Headers tell whole seconds, and an answer takes a moment: what is less apart than this may as well agree. */
const UNSURE_MS = 2_000

/** By how much the host's clock is ahead of ours, after an answer that it dated; ms. `now`: when the answer came, ms UTC. */
export function differenceAfter(known: number, date: string | null, now: number): number {
  const apart = Date.parse(date ?? '') - now
  return Math.abs(apart - known) > UNSURE_MS ? apart : known
}
