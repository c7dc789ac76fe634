import type { Account } from '../world/accounts.ts'
import { makeMessageId } from '../wire/message-id.ts'
import { secondsNow, serverAddress, stanza } from '../wire/stanza.ts'

const enforcementType = 'DEFAULT'

/** The state of the account's time lock, as the server writes it in answers and notifications. */
export function describeTimeLock(account: Account): Record<string, unknown> {
  if (!isTimeLocked(account)) return { is_active: false, time_enforcement_ends: '0', enforcement_type: null }
  const endsAtS = account.timeLock?.endsAtS
  const end = endsAtS === undefined ? {} : { time_enforcement_ends: String(endsAtS) }
  return { is_active: true, ...end, enforcement_type: enforcementType }
}

/** Whether a lock is active; it ends by itself. */
export function isTimeLocked({ timeLock }: Account): boolean {
  return timeLock !== undefined && (timeLock.endsAtS ?? Number.POSITIVE_INFINITY) * 1_000 > Date.now()
}

/** Notifies all linked devices of the account's time lock. */
export function announceTimeLock(account: Account): void {
  const data = { xwa2_notify_account_reachout_timelock: describeTimeLock(account) }
  for (const { queue } of account.companions.values()) {
    const update = stanza(
      'update',
      { op_name: 'NotificationUserReachoutTimelockUpdate' },
      Buffer.from(JSON.stringify({ data })),
    )
    const attributes = { type: 'mex', from: serverAddress, id: makeMessageId(), t: secondsNow() }
    queue.post(stanza('notification', attributes, [update]))
  }
}
