import type { BaileysEventMap, ReachoutTimelockState, WASocket } from '@whiskeysockets/baileys'

/** How long a lock lasts whose end cannot be read. */
const UNKNOWN_LOCK_MS = 3_600_000
/** How long to wait for an answer, and how long to rely on it. */
const PATIENCE_MS = 5_000
const BELIEVED_MS = 15_000

/** Until when WhatsApp keeps the account from beginning new chats, by the clock of its server; null: it does not. */
export function lockedUntil({ isActive, timeEnforcementEnds }: ReachoutTimelockState, now: number): number | null {
  if (!isActive) return null
  const endsAt = timeEnforcementEnds?.getTime() ?? Number.NaN
  return Number.isFinite(endsAt) ? endsAt : now + UNKNOWN_LOCK_MS
}

/** Tracks whether WhatsApp keeps the account from beginning new chats now. */
export type TimeLockWatch = {
  /** An event of Baileys, which may report a lock. */
  readonly reported: <Name extends keyof BaileysEventMap>(event: Name, payload: BaileysEventMap[Name]) => void
  /** A message was refused as unwanted: asks WhatsApp whether there is a lock. */
  readonly refused: (socket: WASocket) => void
  /** Whether there is a lock, by WhatsApp's last answer. Asks again when that is old; if no answer comes, nothing changes. */
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

/** Asks WhatsApp. Baileys reports the answer in the same event as any other news of the lock. */
async function answerOf(socket: WASocket): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => (timer = setTimeout(resolve, PATIENCE_MS)))
  await Promise.race([socket.fetchAccountReachoutTimelock().catch(() => undefined), late])
  clearTimeout(timer)
}
