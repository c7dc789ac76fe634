import { sql } from 'kysely'

import type { AccountKey } from '../../contract/ids.ts'
import type { TurnStatus } from '../../contract/turn.ts'
import { noteChangedTurns } from '../sql/turn-changes.ts'
import type { Connection } from '../sql/connection.ts'

/** Makes a message's turn, and so its chat, wait for the backlog at WhatsApp, at most until `until`. Needs a transaction. */
export async function holdForBacklog(transaction: Connection, messageId: string, until: number): Promise<void> {
  await transaction
    .updateTable('turns')
    .set({ backlog_until: until })
    .where('message_id', '=', messageId)
    .where('status', '=', 'queued')
    .execute()
}

/** Makes all open turns of an account wait for the backlog when its host starts. Needs a transaction. */
export async function holdAllForBacklog(
  transaction: Connection,
  { org, account }: AccountKey,
  until: number,
): Promise<void> {
  await transaction
    .updateTable('turns')
    .set({ backlog_until: until })
    .where('status', 'in', ['queued', 'running'])
    .where('ended_at', 'is', null)
    .where('org', '=', org)
    .where('account', '=', account)
    .execute()
}

/** Releases the account's turns because the whole backlog has arrived. Returns how many waited for it. Needs a transaction. */
export async function releaseFromBacklog(transaction: Connection, { org, account }: AccountKey): Promise<number> {
  const released = await transaction
    .updateTable('turns')
    .set({ backlog_until: null })
    .where('org', '=', org)
    .where('account', '=', account)
    .where('backlog_until', 'is not', null)
    // The `+` keeps SQLite off the status index, which lists all queued turns: only some of them are held.
    .where(sql<TurnStatus>`+status`, 'in', ['queued', 'running'])
    .returning(['org', 'id'])
    .execute()
  noteChangedTurns(transaction, ...released)
  return released.length
}
