import type { BinaryNode } from '@whiskeysockets/baileys'

/** The time of WhatsApp's server, which sends it at each login; before the first login, the machine's time. */
export type ServerClock = {
  readonly now: () => number
  /** The server's `<success>`. */
  readonly heard: (success: BinaryNode) => void
}

/** The server sends whole seconds, some time before they are read. */
const TOLERANCE_MS = 60_000

/**
 * Data that is kept for a number of days uses this clock: if the machine's clock were set wrong, it would be deleted too soon,
 * while WhatsApp may still deliver it again, or ask for it. `elapsed` is a clock that nobody can set.
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
