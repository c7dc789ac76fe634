import type { Binding, ConversationScope } from '../../contract/binding.ts'
import type { AccountKey, OrgId } from '../../contract/ids.ts'
import type { TurnStatus } from '../../contract/turn.ts'
import { isFileAwaited } from '../messages/attachments.ts'
import { noteChangedTurns } from '../sql/turn-changes.ts'
import type { Connection } from '../sql/connection.ts'
import { leaveTurn, setOutcomeOfTurn } from '../messages/message-batches.ts'
import { setOutcome } from '../messages/messages.ts'
import { rowId } from '../sql/row-id.ts'
import type { ChatKey, Outcome } from '../sql/schema.ts'

/** A turn and the attempt that runs it. */
export type StoredTurn = AccountKey & {
  readonly id: string
  readonly messageId: string
  readonly chatKey: ChatKey
  readonly agent: string
  readonly conversation: ConversationScope
  readonly requestId: string
  readonly attempt: number
  readonly failures: number
  /** The number of its messages. */
  readonly pieces: number
  /** How long it waited for more messages after the last one. */
  readonly gatherWaitMs: number
}

/** The turn waits for nothing but its chat. */
export const UNHELD = { next_at: null, backlog_until: null, gathers_until: null }

/** Queues the one turn of a message. Needs the transaction that marks the message as matched. */
export async function queueTurn(
  transaction: Connection,
  message: AccountKey & { id: string; chatKey: ChatKey; run?: number },
  { agent, conversation }: Pick<Binding, 'agent' | 'conversation'>,
): Promise<void> {
  const begun = { agent, conversation, ...UNHELD, status: 'queued', code: null, ended_at: null } as const
  const { id } = await transaction
    .insertInto('turns')
    .values({
      ...begun,
      id: rowId('trn'),
      org: message.org,
      account: message.account,
      message_id: message.id,
      chat_key: message.chatKey,
      request_id: rowId('req'),
      attempt: 0,
      failures: 0,
      crashes: 0,
      parked_step: null,
      began_at: null,
      deadline_at: null,
      failure: null,
      queued_at: Date.now(),
      run: message.run ?? 0,
    })
    // A cancelled turn continues after the steps it has done.
    .onConflict(conflict => conflict.column('message_id').doUpdateSet(begun))
    .returning('id')
    .executeTakeFirstOrThrow()
  noteChangedTurns(transaction, { org: message.org, id })
}

/** Makes a turn that has not started wait, and with it its chat, until what it needs is available, at most until `until`. */
export async function holdTurn(transaction: Connection, messageId: string, until: number): Promise<void> {
  await unbegun(transaction, messageId).set({ next_at: until }).execute()
}

/** Releases the turns that waited only for this message's file, because the file is stored or given up. Needs a transaction. */
export async function unholdTurns(transaction: Connection, messageId: string): Promise<void> {
  const bringing = await transaction
    .selectFrom('messages')
    .select(['id', 'gathered_in as gatheredIn'])
    .where(row => row.or([row('id', '=', messageId), row('quotes', '=', messageId)]))
    .execute()
  for (const head of new Set(bringing.map(({ id, gatheredIn }) => gatheredIn ?? id))) {
    const files = await filesOfTurn(transaction, head)
    if (!(await isFileAwaited(transaction, files))) await unbegun(transaction, head).set({ next_at: null }).execute()
  }
}

/** The messages whose files a turn waits for: its own messages, and those that they quote. */
async function filesOfTurn(transaction: Connection, head: string): Promise<string[]> {
  const pieces = await transaction
    .selectFrom('messages')
    .select(['id', 'quotes'])
    .where(row => row.or([row('id', '=', head), row('gathered_in', '=', head)]))
    .execute()
  return pieces.flatMap(({ id, quotes }) => (quotes === null ? [id] : [id, quotes]))
}

const unbegun = (transaction: Connection, messageId: string) =>
  transaction
    .updateTable('turns')
    .where('message_id', '=', messageId)
    .where('status', '=', 'queued')
    .where('attempt', '=', 0)

const running = (connection: Connection, turn: { id: string; attempt: number }) =>
  connection
    .updateTable('turns')
    .where('id', '=', turn.id)
    .where('attempt', '=', turn.attempt)
    .where('status', '=', 'running')

/** How a turn ended, or why it waits for a person. */
export type TurnEnd = {
  readonly status: 'answered' | 'no_reply' | 'needs_operator' | 'dead_letter'
  /** Why a person is needed; null if none is. */
  readonly code: string | null
  /** The error of the agent's last attempt; null if it did not fail. */
  readonly failure: string | null
  /** The step that needs a person's decision; null if none does. */
  readonly step: number | null
}

/** Ends a turn and sets the outcome of its messages, unless the turn no longer belongs to this attempt. Needs a transaction. */
export async function endTurn(transaction: Connection, turn: StoredTurn, end: TurnEnd): Promise<void> {
  const { numUpdatedRows } = await running(transaction, turn)
    .set({ status: end.status, code: end.code, failure: end.failure, parked_step: end.step, ended_at: Date.now() })
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return
  await setOutcomeOfTurn(transaction, turn.messageId, end.status)
  noteChangedTurns(transaction, turn)
}

/** Queues a turn for another attempt, not before `nextAt`, and counts a failure. Needs a transaction. */
export async function retryTurnAt(
  transaction: Connection,
  turn: StoredTurn,
  { code, failure, nextAt }: { code: string | null; failure: string | null; nextAt: number },
): Promise<void> {
  await running(transaction, turn)
    .set(row => ({ status: 'queued', code, failure, next_at: nextAt, failures: row('failures', '+', 1) }))
    .execute()
  noteChangedTurns(transaction, turn)
}

/** Queues a turn again after an orderly interruption; counts neither a failure nor a crash. Needs a transaction. */
export async function releaseTurn(transaction: Connection, turn: StoredTurn): Promise<void> {
  await running(transaction, turn).set({ status: 'queued' }).execute()
  noteChangedTurns(transaction, turn)
}

/** How to treat turns that were running when their process died. */
export type AfterCrash = {
  /** After this many crashes, the turn becomes a dead letter. */
  readonly most: number
  /** How long a turn waits after that many crashes, in ms. */
  readonly waitMs: (crashes: number) => number
}

/**
 * Queues the turns that a dead process left running. A turn that crashes too often may be the cause: it waits longer each time, and
 * finally becomes a dead letter. Returns the org of each dead letter. Needs a transaction.
 */
export async function requeueTurns(transaction: Connection, { most, waitMs }: AfterCrash): Promise<OrgId[]> {
  const left = await transaction
    .selectFrom('turns')
    .select(['id', 'crashes'])
    .where('status', '=', 'running')
    .where('ended_at', 'is', null)
    .execute()
  for (const { id, crashes } of left) {
    const wait = waitMs(crashes + 1)
    await transaction
      .updateTable('turns')
      .set({ status: 'queued', crashes: crashes + 1, next_at: wait > 0 ? Date.now() + wait : null })
      .where('id', '=', id)
      .execute()
  }
  const hopeless = await transaction
    .selectFrom('turns')
    .select(['id', 'org', 'message_id as messageId'])
    .where('status', '=', 'queued')
    .where('ended_at', 'is', null)
    .where('crashes', '>=', most)
    .execute()
  for (const { id, messageId } of hopeless) {
    const end = { status: 'dead_letter', code: 'crash_loop', ended_at: Date.now() } as const
    await transaction.updateTable('turns').set(end).where('id', '=', id).execute()
    await setOutcomeOfTurn(transaction, messageId, 'dead_letter')
  }
  return hopeless.map(({ org }) => org)
}

/** Whether an attempt at a turn is still running; false if the turn was cancelled in the meantime. */
export async function isUnderWay(connection: Connection, { id, attempt }: StoredTurn): Promise<boolean> {
  const row = await connection
    .selectFrom('turns')
    .select('id')
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .where('status', '=', 'running')
    .executeTakeFirst()
  return row !== undefined
}

/** Whether the turn that includes a message has ever started. */
export async function wasBegun(connection: Connection, messageId: string): Promise<boolean> {
  const head = connection
    .selectFrom('messages')
    .select(row => row.fn.coalesce('gathered_in', 'id').as('head'))
    .where('id', '=', messageId)
  const row = await connection
    .selectFrom('turns')
    .select(['attempt', 'status'])
    .where('message_id', '=', head)
    .executeTakeFirst()
  return row !== undefined && row.attempt > 0
}

/**
 * Cancels the turn of a message, if it has not started and contains no other message, and stores the outcome with the message.
 * Needs a transaction.
 */
export async function cancelTurn(transaction: Connection, messageId: string, outcome: Outcome): Promise<void> {
  await leaveTurn(transaction, messageId)
  const status: TurnStatus = 'cancelled'
  const cancelled = await transaction
    .updateTable('turns')
    .set({ status, ended_at: Date.now() })
    .where('message_id', '=', messageId)
    .where('status', '=', 'queued')
    .returning(['org', 'id'])
    .execute()
  noteChangedTurns(transaction, ...cancelled)
  await setOutcome(transaction, messageId, outcome)
}
