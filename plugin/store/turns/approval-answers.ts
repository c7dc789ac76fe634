import type { OrgId } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import { resumeAwaiting } from './approval-waits.ts'

/** An approver's answer in a chat. `by` is `usr_…`. */
export type ApproverAnswer = { readonly approved: boolean; readonly by: string }

/** An approval that is answered but not decided yet. */
export type AnsweredApproval = { readonly org: OrgId; readonly id: string; readonly answer: ApproverAnswer }

/**
 * Stores an answer if the approval is pending, has not expired and has no answer yet; ignores it otherwise. Decides nothing yet.
 * Needs the transaction that stores the message.
 */
export async function keepAnswer(transaction: Connection, id: string, { approved, by }: ApproverAnswer): Promise<void> {
  await transaction
    .updateTable('approvals')
    .set({ answer: approved ? 'approved' : 'denied', answered_by: by })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('answer', 'is', null)
    .where('expires_at', '>', Date.now())
    .execute()
}

/** All approvals that are answered but not decided yet, oldest first. */
export async function listAnswered(connection: Connection): Promise<AnsweredApproval[]> {
  const rows = await connection
    .selectFrom('approvals')
    .select(['org', 'id', 'answer', 'answered_by'])
    .where('answer', 'is not', null)
    .orderBy('id')
    .execute()
  // Both columns are written together. An answer without an approver decides nothing.
  return rows.flatMap(({ org, id, answer, answered_by: by }) =>
    by === null ? [] : { org, id, answer: { approved: answer === 'approved', by } },
  )
}

/** Decides an approval according to the approver's answer, and queues the turn that waits for it. */
export async function decideAsAnswered(
  transaction: Connection,
  { id, answer: { approved, by } }: AnsweredApproval,
): Promise<void> {
  const [decided] = await transaction
    .updateTable('approvals')
    .set({
      status: approved ? 'approved' : 'denied',
      decided_by: by,
      decided_at: Date.now(),
      answer: null,
      answered_by: null,
    })
    .where('id', '=', id)
    .where('answer', 'is not', null)
    .returning('turn_id')
    .execute()
  if (decided) await resumeAwaiting(transaction, decided.turn_id)
}
