import { sql } from 'kysely'

import type { Approval, ApprovalDecision, ApprovalPage, ApprovalStatus } from '../../contract/approval.ts'
import { addressOfPerson, type AccountKey, type OrgId } from '../../contract/ids.ts'
import type { ToolEffect } from '../../contract/policy.ts'
import type { Connection } from '../sql/connection.ts'
import { subjectsOf } from '../messages/group-subjects.ts'
import { chatOf, textOfStored, type StoredMessage } from '../messages/messages.ts'
import type { ChatKey, PersonId } from '../sql/schema.ts'

/** A stored approval. */
export type StoredApproval = Approval & {
  readonly org: OrgId
  readonly usedAt: number | null
  readonly requestId: string
}

/** The one call that an approval covers. */
export type ApprovedCall = {
  readonly turnId: string
  readonly step: number
  readonly tool: string
  readonly argumentsHash: string
}

/** The fields of a new approval. */
export type NewApproval = ApprovedCall &
  Pick<Approval, 'id' | 'effect' | 'arguments' | 'reason' | 'user' | 'requestedAt' | 'expiresAt'> & {
    readonly org: OrgId
  }

/** A page of approvals quotes many messages, so longer texts are left out; clients open the approval to see them. */
const QUOTED_BYTES = 8_192

const approvals = (connection: Connection) =>
  connection
    .selectFrom('approvals')
    .innerJoin('turns', 'turns.id', 'approvals.turn_id')
    .leftJoin('messages as asked', 'asked.id', 'turns.message_id')
    .leftJoin('people as asker', 'asker.id', 'asked.sender_id')
    .selectAll('approvals')
    .select(['turns.account', 'turns.message_id', 'turns.request_id'])
    .select(['asked.sender_name', 'asked.chat_key', 'asker.lid', 'asker.phone'])
    // The row stores the length, so SQLite does not even read texts that are too long.
    .select(
      sql<string | null>`case when octet_length(asked.content) <= ${QUOTED_BYTES} then asked.content end`.as('content'),
    )

type Row = Awaited<ReturnType<ReturnType<typeof approvals>['execute']>>[number]

/**
 * When an unused approval lapses: once approved, it can be used for as long as there was time to decide. One that was answered in
 * time waits for the audit log.
 */
const LAPSES_AT = sql<number>`case when approvals.status = 'approved'
  then approvals.decided_at + approvals.expires_at - approvals.requested_at
  when approvals.answer is not null then ${Number.MAX_SAFE_INTEGER} else approvals.expires_at end`

/** An approval lapses by time alone, without a write. */
function statusOf({ status, expires_at, requested_at, decided_at, used_at, answer }: Row): ApprovalStatus {
  if (status === 'pending' && answer !== null) return status
  const isUnused = status === 'pending' || (status === 'approved' && used_at === null)
  const lapsesAt = decided_at === null ? expires_at : decided_at + expires_at - requested_at
  return isUnused && lapsesAt <= Date.now() ? 'expired' : status
}

function askedIn({ content, sender_name: name, chat_key: key, lid, phone }: Row): Approval['asked'] {
  if (key === null || (lid === null && phone === null)) return null
  const chat = chatOf(key, { lid, phone })
  const text = content && textOfStored({ content: JSON.parse(content) as StoredMessage['content'] })
  const group = chat.kind === 'group' ? chat.group : null
  return { address: addressOfPerson({ lid, phone }), name, group, groupSubject: null, text }
}

/** Adds the names that the groups had when each approval was requested. */
async function withSubjects(connection: Connection, rows: readonly Row[]): Promise<StoredApproval[]> {
  const listed = rows.map(stored)
  const subjects = await subjectsOf(
    connection,
    listed.map(({ org, account, asked, requestedAt: at }) => ({ org, account, group: asked?.group ?? null, at })),
  )
  return listed.map((approval, at) => ({
    ...approval,
    asked: approval.asked && { ...approval.asked, groupSubject: subjects[at] ?? null },
  }))
}

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
  asked: askedIn(row),
  note: row.note,
  requestedAt: row.requested_at,
  expiresAt: row.expires_at,
  decidedAt: row.decided_at,
  decidedBy: row.decided_by,
  usedAt: row.used_at,
  requestId: row.request_id,
})

/** Stores an approval as pending. Needs a transaction. */
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
      answer: null,
      answered_by: null,
    })
    .execute()
}

/** The latest approval requested for a call; undefined if there is none. */
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
  return row && (await withSubjects(connection, [row]))[0]
}

export async function listApprovals(connection: Connection, org: OrgId, page: ApprovalPage): Promise<StoredApproval[]> {
  const asked = pageOf(connection, org, page)
  if (page.status !== 'expired') return withSubjects(connection, await asked.execute())
  const [undecided, unused] = await Promise.all([
    asked.where('approvals.status', '=', 'pending').where(LAPSES_AT, '<=', Date.now()).execute(),
    asked
      .where('approvals.status', '=', 'approved')
      .where('used_at', 'is', null)
      .where(LAPSES_AT, '<=', Date.now())
      .execute(),
  ])
  const newestFirst = [...undecided, ...unused].toSorted((one, other) => (one.id < other.id ? 1 : -1))
  return withSubjects(connection, newestFirst.slice(0, page.limit))
}

function pageOf(connection: Connection, org: OrgId, { status, limit, before }: ApprovalPage) {
  let query = approvals(connection).where('approvals.org', '=', org).orderBy('approvals.id', 'desc').limit(limit)
  if (before !== null) query = query.where('approvals.id', '<', before)
  if (status === null || status === 'expired') return query
  query = query.where('approvals.status', '=', status)
  if (status === 'pending') return query.where(LAPSES_AT, '>', Date.now())
  return status === 'approved'
    ? query.where(row => row.or([row('used_at', 'is not', null), row(LAPSES_AT, '>', Date.now())]))
    : query
}

/** Decides an approval that is pending, has not lapsed and was not answered in a chat; false if it cannot. Needs a transaction. */
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
    .where('answer', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * Uses an approval for its call, once; false if it is not approved, has lapsed or was used. Needs the transaction that begins the
 * call.
 */
export async function useApproval(transaction: Connection, id: string): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('approvals')
    .set({ used_at: Date.now() })
    .where('id', '=', id)
    .where('status', '=', 'approved')
    .where('used_at', 'is', null)
    .where(LAPSES_AT, '>', Date.now())
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Makes an approval usable again because its call was not made after all. Needs the transaction that withdraws the call. */
export async function returnApproval(transaction: Connection, id: string): Promise<void> {
  await transaction.updateTable('approvals').set({ used_at: null }).where('id', '=', id).execute()
}

/** Records that a send asks an approver to decide. Needs the transaction that accepts the send. */
export async function addPrompt(transaction: Connection, sendId: string, approvalId: string): Promise<void> {
  await transaction.insertInto('approval_prompts').values({ send_id: sendId, approval_id: approvalId }).execute()
}

/** The approval that a message of ours asked for, and the person on whose behalf. */
export type Prompted = {
  readonly sendId: string
  readonly approvalId: string
  readonly turnId: string
  readonly requesterId: PersonId
}

/** The approval requested by our message with that stanza id in that chat; undefined if there is none. */
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
