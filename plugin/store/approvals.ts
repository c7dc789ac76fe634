import type { Approval, ApprovalDecision, ApprovalPage, ApprovalStatus } from '../contract/approval.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { ToolEffect } from '../contract/policy.ts'
import type { Connection } from './connection.ts'
import type { ChatKey, PersonId } from './schema.ts'

/** An approval as it is kept. */
export type StoredApproval = Approval & {
  readonly org: OrgId
  readonly usedAt: number | null
  readonly requestId: string
}

/** The one call that an approval is about. */
export type ApprovedCall = {
  readonly turnId: string
  readonly step: number
  readonly tool: string
  readonly argumentsHash: string
}

/** What is told of an approval when it is asked for. */
export type NewApproval = ApprovedCall &
  Pick<Approval, 'id' | 'effect' | 'arguments' | 'reason' | 'user' | 'requestedAt' | 'expiresAt'> & {
    readonly org: OrgId
  }

const approvals = (connection: Connection) =>
  connection
    .selectFrom('approvals')
    .innerJoin('turns', 'turns.id', 'approvals.turn_id')
    .selectAll('approvals')
    .select(['turns.account', 'turns.message_id', 'turns.request_id'])

type Row = Awaited<ReturnType<ReturnType<typeof approvals>['execute']>>[number]

/** Nobody has to come by for one to lapse. */
const statusOf = ({ status, expires_at }: Row): ApprovalStatus =>
  status === 'pending' && expires_at <= Date.now() ? 'expired' : status

const stored = (row: Row): StoredApproval => ({
  id: row.id,
  org: row.org,
  account: row.account,
  status: statusOf(row),
  turnId: row.turn_id,
  step: row.step,
  messageId: row.message_id,
  tool: row.tool,
  effect: row.effect,
  arguments: JSON.parse(row.arguments) as Approval['arguments'],
  reason: row.reason,
  user: row.user,
  note: row.note,
  requestedAt: row.requested_at,
  expiresAt: row.expires_at,
  decidedAt: row.decided_at,
  decidedBy: row.decided_by,
  usedAt: row.used_at,
  requestId: row.request_id,
})

/** Keeps an approval as pending. Needs a transaction. */
export async function addApproval(transaction: Connection, approval: NewApproval): Promise<void> {
  await transaction
    .insertInto('approvals')
    .values({
      id: approval.id,
      org: approval.org,
      turn_id: approval.turnId,
      step: approval.step,
      tool: approval.tool,
      effect: approval.effect satisfies ToolEffect,
      arguments: JSON.stringify(approval.arguments),
      arguments_hash: approval.argumentsHash,
      reason: approval.reason,
      user: approval.user,
      status: 'pending',
      note: null,
      requested_at: approval.requestedAt,
      expires_at: approval.expiresAt,
      decided_at: null,
      decided_by: null,
      used_at: null,
    })
    .execute()
}

/** The last approval that was asked for a call. */
export async function lastApprovalOf(connection: Connection, call: ApprovedCall): Promise<StoredApproval | undefined> {
  const row = await approvals(connection)
    .where('turn_id', '=', call.turnId)
    .where('step', '=', call.step)
    .where('tool', '=', call.tool)
    .where('arguments_hash', '=', call.argumentsHash)
    .orderBy('approvals.id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && stored(row)
}

export async function findApproval(
  connection: Connection,
  org: OrgId,
  id: string,
): Promise<StoredApproval | undefined> {
  const row = await approvals(connection)
    .where('approvals.org', '=', org)
    .where('approvals.id', '=', id)
    .executeTakeFirst()
  return row && stored(row)
}

export async function listApprovals(
  connection: Connection,
  org: OrgId,
  { status, limit, before }: ApprovalPage,
): Promise<StoredApproval[]> {
  const now = Date.now()
  let query = approvals(connection).where('approvals.org', '=', org).orderBy('approvals.id', 'desc').limit(limit)
  if (status === 'pending') query = query.where('approvals.status', '=', 'pending').where('expires_at', '>', now)
  else if (status === 'expired') query = query.where('approvals.status', '=', 'pending').where('expires_at', '<=', now)
  else if (status !== null) query = query.where('approvals.status', '=', status)
  if (before !== null) query = query.where('approvals.id', '<', before)
  return (await query.execute()).map(stored)
}

/** Decides what is pending and has not lapsed; false, and nothing is, otherwise. Needs a transaction. */
export async function decideApproval(
  transaction: Connection,
  id: string,
  { approved, note, by }: ApprovalDecision,
): Promise<boolean> {
  const now = Date.now()
  const { numUpdatedRows } = await transaction
    .updateTable('approvals')
    .set({ status: approved ? 'approved' : 'denied', note, decided_by: by, decided_at: now })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Lets its call pass, once; false when it does not, or has done so. Needs the transaction that begins the call. */
export async function useApproval(transaction: Connection, id: string): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('approvals')
    .set({ used_at: Date.now() })
    .where('id', '=', id)
    .where('status', '=', 'approved')
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Its call was not made after all: it may let it pass later. Needs the transaction that takes the call back. */
export async function returnApproval(transaction: Connection, id: string): Promise<void> {
  await transaction.updateTable('approvals').set({ used_at: null }).where('id', '=', id).execute()
}

/** Notes that a send asks somebody to decide. Needs the transaction that accepts it. */
export async function addPrompt(transaction: Connection, sendId: string, approvalId: string): Promise<void> {
  await transaction.insertInto('approval_prompts').values({ send_id: sendId, approval_id: approvalId }).execute()
}

/** What a message of ours asked to be decided, and on whose behalf. */
export type Prompted = {
  readonly sendId: string
  readonly approvalId: string
  readonly turnId: string
  readonly requesterId: PersonId
}

/** The approval that our message of that stanza id asked for in that chat. */
export async function promptedBy(
  connection: Connection,
  { org, account }: AccountKey,
  { chatKey, stanzaId }: { readonly chatKey: ChatKey; readonly stanzaId: string },
): Promise<Prompted | undefined> {
  return connection
    .selectFrom('sends')
    .innerJoin('approval_prompts', 'approval_prompts.send_id', 'sends.id')
    .innerJoin('approvals', 'approvals.id', 'approval_prompts.approval_id')
    .innerJoin('turns', 'turns.id', 'approvals.turn_id')
    .innerJoin('messages', 'messages.id', 'turns.message_id')
    .select([
      'sends.id as sendId',
      'approvals.id as approvalId',
      'turns.id as turnId',
      'messages.sender_id as requesterId',
    ])
    .where('sends.org', '=', org)
    .where('sends.account', '=', account)
    .where('sends.stanza_id', '=', stanzaId)
    .where('sends.chat_key', '=', chatKey)
    .executeTakeFirst()
}
