import type { OrgId } from '../../contract/ids.ts'
import type { ListedTurn, StepDecision, TurnPage } from '../../contract/turn.ts'
import { inAccount } from '../sql/account-index.ts'
import { noteChangedTurns } from '../sql/turn-changes.ts'
import type { Connection } from '../sql/connection.ts'
import { setOutcomeOfTurn } from '../messages/message-batches.ts'
import { decideStep } from './steps.ts'

const turns = (connection: Connection, org: OrgId) =>
  connection
    .selectFrom('turns')
    .leftJoin('steps', join => join.onRef('steps.turn_id', '=', 'turns.id').onRef('steps.n', '=', 'turns.parked_step'))
    .selectAll('turns')
    .select(['steps.tool', 'steps.status as step_status'])
    .where('turns.org', '=', org)

type Row = Awaited<ReturnType<ReturnType<typeof turns>['execute']>>[number]

/** The step to decide about; null if its result arrived after the turn was parked. */
function stepOf(row: Row): ListedTurn['step'] {
  if (row.parked_step === null || row.tool === null) return null
  return row.code === 'step_unknown' && row.step_status === 'done' ? null : { n: row.parked_step, tool: row.tool }
}

const isAhead = (until: number | null): boolean => until !== null && until > Date.now()

function waitsFor({ status, backlog_until, gathers_until }: Row): ListedTurn['waitsFor'] {
  if (status !== 'queued') return null
  return isAhead(backlog_until) ? 'backlog' : isAhead(gathers_until) ? 'more' : null
}

/** The latest of the times that the turn waits for. */
function nextAtOf(row: Row): number | null {
  if (waitsFor(row) === null) return row.next_at
  return Math.max(row.backlog_until ?? 0, row.gathers_until ?? 0, row.next_at ?? 0)
}

const listed = (row: Row): ListedTurn => ({
  id: row.id,
  account: row.account,
  messageId: row.message_id,
  agent: row.agent,
  status: row.status,
  code: row.code,
  failure: row.failure,
  attempt: row.attempt,
  beganAt: row.began_at,
  deadlineAt: row.status === 'running' ? row.deadline_at : null,
  step: stepOf(row),
  queuedAt: row.queued_at,
  waitsFor: waitsFor(row),
  nextAt: nextAtOf(row),
  pieces: row.pieces,
  endedAt: row.ended_at,
})

export async function listTurns(connection: Connection, org: OrgId, page: TurnPage): Promise<ListedTurn[]> {
  const { account, status, before } = page
  let query = turns(connection, org).orderBy('turns.id', 'desc').limit(page.limit)
  if (account !== null) query = query.where(inAccount('turns', account))
  if (status !== null) query = query.where('turns.status', '=', status)
  if (before !== null) query = query.where('turns.id', '<', before)
  return (await query.execute()).map(listed)
}

export async function findTurn(connection: Connection, org: OrgId, id: string): Promise<ListedTurn | undefined> {
  const row = await turns(connection, org).where('turns.id', '=', id).executeTakeFirst()
  return row && listed(row)
}

/** The turn of a message. */
export async function findTurnOf(
  connection: Connection,
  org: OrgId,
  messageId: string,
): Promise<ListedTurn | undefined> {
  const row = await turns(connection, org).where('turns.message_id', '=', messageId).executeTakeFirst()
  return row && listed(row)
}

/** A turn resumed or cancelled by a person waits for nothing else. */
const UNHELD = { next_at: null, backlog_until: null, gathers_until: null }

/** Queues a turn that waits for a person again, after applying the person's decision about its step. Needs a transaction. */
export async function resumeTurn(transaction: Connection, turn: ListedTurn, decision: StepDecision): Promise<void> {
  if (turn.step) await decideStep(transaction, { id: turn.id, step: turn.step.n }, decision)
  const resumed = await transaction
    .updateTable('turns')
    .set({
      status: 'queued',
      code: null,
      failure: null,
      ...UNHELD,
      failures: 0,
      crashes: 0,
      parked_step: null,
      ended_at: null,
    })
    .where('id', '=', turn.id)
    .returning(['org', 'id'])
    .execute()
  noteChangedTurns(transaction, ...resumed)
  await setOutcomeOfTurn(transaction, turn.messageId, 'matched')
}

/** The open statuses: a turn that is over cannot be cancelled. */
const OPEN: ReadonlySet<ListedTurn['status']> = new Set([
  'queued',
  'running',
  'awaiting_approval',
  'needs_operator',
  'dead_letter',
])

export const isOpen = ({ status }: Pick<ListedTurn, 'status'>): boolean => OPEN.has(status)

/** Cancels an open turn at a person's request, and expires the approval that it waits for. Needs a transaction. */
export async function cancelOpenTurn(transaction: Connection, { id, messageId }: ListedTurn): Promise<void> {
  const now = Date.now()
  const cancelled = await transaction
    .updateTable('turns')
    .set({ status: 'cancelled', code: 'cancelled', ...UNHELD, ended_at: now })
    .where('id', '=', id)
    .returning(['org', 'id'])
    .execute()
  await transaction
    .updateTable('approvals')
    .set({ expires_at: now })
    .where('turn_id', '=', id)
    .where('status', '=', 'pending')
    .where('expires_at', '>', now)
    .execute()
  await setOutcomeOfTurn(transaction, messageId, 'cancelled')
  noteChangedTurns(transaction, ...cancelled)
}
