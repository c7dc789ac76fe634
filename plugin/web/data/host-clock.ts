import { differenceAfter } from './clock-difference.ts'

let aheadMs = 0

/** The time by the host's clock, which dates all that the page shows; ms UTC. This browser's own may be wrong. */
export const hostNow = (): number => Date.now() + aheadMs

/** Asks the host for something, and learns from the answer how late it is there. */
export const fetchFromHost: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  aheadMs = differenceAfter(aheadMs, response.headers.get('date'), Date.now())
  return response
}
