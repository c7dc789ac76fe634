import type { ReachoutTimelockState } from '@whiskeysockets/baileys'

/** A lock without an end that can be read is not taken to be over before this. */
const UNKNOWN_LOCK_MS = 3_600_000

/** Until when WhatsApp lets the account begin no new chats, by the clock of its server; null: it may. */
export function lockedUntil({ isActive, timeEnforcementEnds }: ReachoutTimelockState, now: number): number | null {
  if (!isActive) return null
  const endsAt = timeEnforcementEnds?.getTime() ?? Number.NaN
  return Number.isFinite(endsAt) ? endsAt : now + UNKNOWN_LOCK_MS
}
