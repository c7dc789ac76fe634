import { sql } from 'kysely'

import type { AccountKey } from '../../contract/ids.ts'
import type { TurnStatus } from '../../contract/turn.ts'
import { noteChangedTurns } from '../sql/turn-changes.ts'
import type { Connection } from '../sql/connection.ts'

/** Lets the turn of a message, and its chat with it, wait for what waits at WhatsApp, but not after `until`. Needs a transaction. */
export async function holdForBacklog(transaction: Connection, messageId: string, until: number): Promise<void> {
  await transaction
    .updateTable('turns')
    .set({ backlog_until: until })
    .where('message_id', '=', messageId)
    .where('status', '=', 'queued')
    .execute()
}

/** The same for all turns of an account that are open when its host begins. Needs a transaction. */
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

/** All that waited is there: how many of the account's turns waited for it. Needs a transaction. */
export async function releaseFromBacklog(transaction: Connection, { org, account }: AccountKey): Promise<number> {
  const released = await transaction
    .updateTable('turns')
    .set({ backlog_until: null })
    .where('org', '=', org)
    .where('account', '=', account)
    .where('backlog_until', 'is not', null)
    // Not by the index of statuses: it has all that is queued, and only some of that is held.
    .where(sql<TurnStatus>`+status`, 'in', ['queued', 'running'])
    .returning(['org', 'id'])
    .execute()
  noteChangedTurns(transaction, ...released)
  return released.length
}
