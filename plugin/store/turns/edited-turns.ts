import type { Connection } from '../sql/connection.ts'
import type { Outcome } from '../sql/schema.ts'
import { cancelTurn, unholdTurns } from './turns.ts'

/**
 * How an edit of a message affects the turn that includes the message. `waits`: no agent was asked yet. `keeps`: an agent was asked
 * about the earlier text, or may be asked without another check of the bindings. `none`: there is no turn, it is over, or the
 * bindings are checked before it continues.
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

/** The head message of the turn that includes a message. */
const headOf = (connection: Connection, messageId: string) =>
  connection
    .selectFrom('messages')
    .select(row => row.fn.coalesce('gathered_in', 'id').as('head'))
    .where('id', '=', messageId)

/**
 * Removes a message from its turn, which has not started, and from its binding, and stores the outcome. The other messages of the
 * turn continue without it and no longer wait for its file. Needs a transaction.
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
