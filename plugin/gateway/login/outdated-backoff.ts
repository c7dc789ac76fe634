import { MINUTE_MS } from '../../base/durations.ts'

/** Together with the first attempt, whose refusal starts the waits, six attempts in 15 minutes; then one an hour. */
const FIRST_WAITS_MS = [0.5, 1, 2, 4, 7].map(minutes => minutes * MINUTE_MS)
const LATER_WAIT_MS = 60 * MINUTE_MS

/** How long to wait after this many attempts on which WhatsApp has refused the client as too old. */
export const waitAfter = (attempts: number): number => FIRST_WAITS_MS[Math.max(0, attempts - 1)] ?? LATER_WAIT_MS
