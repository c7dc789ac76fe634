/** The delay before a retry: of connections, of the gateway process, of downloads and of sends. */
export type Backoff = {
  /** How long to wait before the next attempt, in ms, after an attempt that was up for `upForMs`. */
  next(upForMs: number): number
}

/** An attempt that was up for this long does not count as failed. */
export const STEADY_MS = 60_000

const FIRST_CEILING_MS = 2_000
const LAST_CEILING_MS = 300_000
const FLOOR_SHARE = 1 / 8

/**
 * Full jitter below a ceiling that doubles from 2 s to 5 min and is reset after 60 s up. A delay is never below an eighth of its
 * ceiling: so a server that drops everybody for a minute gets at most 8 attempts, no matter what `random` returns.
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
