/** The one rule by which both processes wait before they try again: the supervisor its child, the gateway WhatsApp. */
export type Backoff = {
  /** How long to wait before the next attempt, in ms, after one that was up for `upForMs`. */
  next(upForMs: number): number
}

/** What was up for this long was no failed attempt. */
export const STEADY_MS = 60_000

const FIRST_CEILING_MS = 2_000
const LAST_CEILING_MS = 300_000
const FLOOR_SHARE = 1 / 8

/**
 * Full jitter below a ceiling that doubles from 2 s to 5 min and starts again after 60 s up. A wait is never below an
 * eighth of its ceiling: so a server that drops everybody for a minute meets at most 8 attempts, whatever `random` says.
 */
export function createBackoff(random: () => number): Backoff {
  let failures = 0
  return {
    next: upForMs => {
      failures = upForMs >= STEADY_MS ? 1 : failures + 1
      const ceiling = Math.min(LAST_CEILING_MS, FIRST_CEILING_MS * 2 ** (failures - 1))
      return Math.round(ceiling * Math.max(FLOOR_SHARE, random()))
    },
  }
}
