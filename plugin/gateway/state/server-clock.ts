import type { BinaryNode } from '@whiskeysockets/baileys'

/** What time it is for WhatsApp's server, which tells it at each login; before the first one, what the machine says. */
export type ServerClock = {
  readonly now: () => number
  /** The server's `<success>`. */
  readonly heard: (success: BinaryNode) => void
}

/** The server tells whole seconds, and says them some time before they are heard. */
const TOLERANCE_MS = 60_000

/**
 * What is kept for a number of days is kept by this clock: set wrong, that of the machine would have what WhatsApp may
 * still deliver again, or ask for, forgotten too soon. `elapsed` goes on whatever anybody sets.
 */
export function createServerClock(machine: () => number, elapsed: () => number = () => performance.now()): ServerClock {
  let told: { readonly at: number; readonly elapsed: number } | null = null
  return {
    now: () => (told ? Math.round(told.at + elapsed() - told.elapsed) : machine()),
    heard: ({ attrs }) => {
      const at = Number(attrs['t']) * 1_000
      if (!(at > 0)) return
      const isRight = Math.abs(machine() - at) < TOLERANCE_MS
      told = { at: isRight ? machine() : at, elapsed: elapsed() }
    },
  }
}
