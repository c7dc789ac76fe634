import type { BaileysEventMap, ReachoutTimelockState, WASocket } from '@whiskeysockets/baileys'

/** A lock without an end that can be read is not taken to be over before this. */
const UNKNOWN_LOCK_MS = 3_600_000
/** How long an answer is waited for, and how long it is believed. */
const PATIENCE_MS = 5_000
const BELIEVED_MS = 15_000

/** Until when WhatsApp lets the account begin no new chats, by the clock of its server; null: it may. */
export function lockedUntil({ isActive, timeEnforcementEnds }: ReachoutTimelockState, now: number): number | null {
  if (!isActive) return null
  const endsAt = timeEnforcementEnds?.getTime() ?? Number.NaN
  return Number.isFinite(endsAt) ? endsAt : now + UNKNOWN_LOCK_MS
}

/** Whether WhatsApp lets the account begin no new chats now. */
export type TimeLockWatch = {
  /** An event of Baileys: it may be of the lock. */
  readonly reported: <Name extends keyof BaileysEventMap>(event: Name, payload: BaileysEventMap[Name]) => void
  /** A message was refused as unwanted: it is asked whether it is for a lock. */
  readonly refused: (socket: WASocket) => void
  /** By WhatsApp's last word, which is asked for when it is old; an answer that does not come changes nothing. */
  readonly isActive: (socket: WASocket) => Promise<boolean>
}

export function createTimeLockWatch(now: () => number): TimeLockWatch {
  let until: number | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | null = null
  const ask = (socket: WASocket): Promise<void> => {
    askedAt = performance.now()
    asking ??= answerOf(socket).finally(() => (asking = null))
    return asking
  }
  return {
    reported: (event, payload) => {
      if (event !== 'connection.update') return
      const { reachoutTimeLock } = payload as BaileysEventMap['connection.update']
      if (reachoutTimeLock) until = lockedUntil(reachoutTimeLock, now())
    },
    refused: socket => void ask(socket),
    isActive: async socket => {
      await (asking ?? (performance.now() - askedAt < BELIEVED_MS ? null : ask(socket)))
      return until !== null && until > now()
    },
  }
}

/** Baileys tells of the answer as of any other news. */
async function answerOf(socket: WASocket): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => (timer = setTimeout(resolve, PATIENCE_MS)))
  await Promise.race([socket.fetchAccountReachoutTimelock().catch(() => undefined), late])
  clearTimeout(timer)
}
