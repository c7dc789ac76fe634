/** Headers tell whole seconds, and an answer takes a moment: what is less apart than this may as well agree. */
const UNSURE_MS = 2_000

/** By how much the host's clock is ahead of ours, after an answer that it dated; ms. `now`: when the answer came, ms UTC. */
export function differenceAfter(known: number, date: string | null, now: number): number {
  const apart = Date.parse(date ?? '') - now
  return Math.abs(apart - known) > UNSURE_MS ? apart : known
}

let aheadMs = 0

/** The time by the host's clock, which dates all that the page shows; ms UTC. This browser's own may be wrong. */
export const hostNow = (): number => Date.now() + aheadMs

/** Asks the host for something, and learns from the answer how late it is there. */
export const fetchFromHost: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  aheadMs = differenceAfter(aheadMs, response.headers.get('date'), Date.now())
  return response
}
