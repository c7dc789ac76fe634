/** Headers have whole seconds and answers take a moment, so a smaller difference is ignored. */
const UNSURE_MS = 2_000

/** How far the host's clock is ahead of the browser's after a dated answer; ms. `now`: when the answer arrived, ms UTC. */
export function differenceAfter(known: number, date: string | null, now: number): number {
  const apart = Date.parse(date ?? '') - now
  return Math.abs(apart - known) > UNSURE_MS ? apart : known
}

let aheadMs = 0

/** The time of the host's clock, which dates everything on the page; ms UTC. The browser's own clock may be wrong. */
export const hostNow = (): number => Date.now() + aheadMs

/** Fetches from the host, and adjusts the clock difference from the answer's date. */
export const fetchFromHost: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  aheadMs = differenceAfter(aheadMs, response.headers.get('date'), Date.now())
  return response
}
