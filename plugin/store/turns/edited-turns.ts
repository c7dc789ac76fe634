import type { Connection } from '../sql/connection.ts'
import type { Outcome } from '../sql/schema.ts'
import { cancelTurn, unholdTurns } from './turns.ts'

/**
 * What an edit of a message has to do with the turn that it has, or that is about it as well. `waits`: no agent was asked yet. `keeps`:
 * one was asked about what it said then, or may be without its bindings being asked again. `none`: there is none, it is over, or
 * its bindings are asked before it goes on.
 */
export async function turnOf(connection: Connection, messageId: string): Promise<'waits' | 'keeps' | 'none'> {
  const row = await connection
    .selectFrom('turns')
    .select(['attempt', 'status', 'message_id as headId'])
    .where('message_id', '=', headOf(connection, messageId))
    .where('status', 'not in', ['answered', 'no_reply'])
    .executeTakeFirst()
  if (!row || (row.status === 'cancelled' && row.headId === messageId)) return 'none'
  return row.status === 'queued' && row.attempt === 0 ? 'waits' : 'keeps'
}

/** The message that has the turn in which another one is. */
const headOf = (connection: Connection, messageId: string) =>
  connection
    .selectFrom('messages')
    .select(row => row.fn.coalesce('gathered_in', 'id').as('head'))
    .where('id', '=', messageId)

/**
 * Takes a message out of its turn, which was not begun, and from its binding, and says why on it: what else that turn is about goes on
 * without it, and waits for its file no longer. Needs a transaction.
 */
export async function leaveUnbegun(transaction: Connection, messageId: string, outcome: Outcome): Promise<void> {
  const { head } = await headOf(transaction, messageId).executeTakeFirstOrThrow()
  const other = await transaction
    .selectFrom('messages')
    .select('id')
    .where(row => row.or([row('id', '=', head), row('gathered_in', '=', head)]))
    .where('id', '<>', messageId)
    .limit(1)
    .executeTakeFirst()
  if (head === messageId) await cancelTurn(transaction, messageId, outcome)
  else {
    await transaction.updateTable('messages').set({ gathered_in: null, outcome }).where('id', '=', messageId).execute()
    await transaction
      .updateTable('turns')
      .set(row => ({ pieces: row('pieces', '-', 1) }))
      .where('message_id', '=', head)
      .execute()
  }
  await transaction.updateTable('messages').set({ binding_id: null }).where('id', '=', messageId).execute()
  if (other) await unholdTurns(transaction, other.id)
}
