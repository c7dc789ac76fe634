import { noteChangedTurns } from '../sql/turn-changes.ts'
import type { Connection } from '../sql/connection.ts'
import type { StoredTurn } from './turns.ts'

/** The approval that an attempt waits for, and until when. */
export type Awaiting = { readonly approvalId: string; readonly until: number }

/**
 * Lets a turn wait for an approval, so that its chat continues; queues the turn at once if the approval was decided in the
 * meantime. Needs a transaction.
 */
export async function awaitApproval(
  transaction: Connection,
  turn: StoredTurn,
  { approvalId, until }: Awaiting,
): Promise<void> {
  const approval = await transaction
    .selectFrom('approvals')
    .select('status')
    .where('id', '=', approvalId)
    .executeTakeFirst()
  const waits = approval?.status === 'pending'
  await transaction
    .updateTable('turns')
    .set(waits ? { status: 'awaiting_approval', next_at: until } : { status: 'queued', next_at: null })
    .where('id', '=', turn.id)
    .where('attempt', '=', turn.attempt)
    .where('status', '=', 'running')
    .execute()
  noteChangedTurns(transaction, turn)
}

/** Queues a turn whose approval is decided. Needs the transaction that decides it. */
export async function resumeAwaiting(transaction: Connection, turnId: string): Promise<void> {
  const resumed = await transaction
    .updateTable('turns')
    .set({ status: 'queued', next_at: null })
    .where('id', '=', turnId)
    .where('status', '=', 'awaiting_approval')
    .returning(['org', 'id'])
    .execute()
  noteChangedTurns(transaction, ...resumed)
}

/** Queues the turns whose approvals have lapsed by `now`. Returns how many. Needs a transaction. */
export async function resumeLapsed(transaction: Connection, now: number): Promise<number> {
  const resumed = await transaction
    .updateTable('turns')
    .set({ status: 'queued', next_at: null })
    .where('status', '=', 'awaiting_approval')
    .where('next_at', '<=', now)
    .returning(['org', 'id'])
    .execute()
  noteChangedTurns(transaction, ...resumed)
  return resumed.length
}
