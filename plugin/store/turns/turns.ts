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

/** A turn that is being run, under the attempt that runs it. */
export type StoredTurn = AccountKey & {
  readonly id: string
  readonly messageId: string
  readonly chatKey: ChatKey
  readonly agent: string
  readonly conversation: ConversationScope
  readonly requestId: string
  readonly attempt: number
  readonly failures: number
  /** How many messages it is about. */
  readonly pieces: number
  /** How long it waited for more of them behind the last one. */
  readonly gatherWaitMs: number
}

/** It waits for nothing but its chat. */
export const UNHELD = { next_at: null, backlog_until: null, gathers_until: null }

/** Queues the one turn of a message; needs the transaction that says the message is matched. */
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
    // One that was cancelled goes on behind what it has done.
    .onConflict(conflict => conflict.column('message_id').doUpdateSet(begun))
    .returning('id')
    .executeTakeFirstOrThrow()
  noteChangedTurns(transaction, { org: message.org, id })
}

/** A turn that was not begun waits, and its chat with it, until what it needs is there, but not after `until`. */
export async function holdTurn(transaction: Connection, messageId: string, until: number): Promise<void> {
  await unbegun(transaction, messageId).set({ next_at: until }).execute()
}

/** The file of a message is there, or never will be: what waited for it, and for no other, need not wait. Needs a transaction. */
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

/** The messages whose files the turn of a message waits for: those that it is about, and those that they quote. */
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

/** How a turn ended, or came to wait for a person. */
export type TurnEnd = {
  readonly status: 'answered' | 'no_reply' | 'needs_operator' | 'dead_letter'
  /** Why a person is needed; null otherwise. */
  readonly code: string | null
  /** What the agent's last attempt failed with; null otherwise. */
  readonly failure: string | null
  /** The step that a person has to decide about, if any. */
  readonly step: number | null
}

/** Ends a turn and says so on its message, unless the turn is no longer this attempt's. Needs a transaction. */
export async function endTurn(transaction: Connection, turn: StoredTurn, end: TurnEnd): Promise<void> {
  const { numUpdatedRows } = await running(transaction, turn)
    .set({ status: end.status, code: end.code, failure: end.failure, parked_step: end.step, ended_at: Date.now() })
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return
  await setOutcomeOfTurn(transaction, turn.messageId, end.status)
  noteChangedTurns(transaction, turn)
}

/** Queues a turn for another attempt, not before an instant, and counts the failure of this one. Needs a transaction. */
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

/** Lets go of a turn that was interrupted in good order: it is run again, and nothing is held against it. Needs a transaction. */
export async function releaseTurn(transaction: Connection, turn: StoredTurn): Promise<void> {
  await running(transaction, turn).set({ status: 'queued' }).execute()
  noteChangedTurns(transaction, turn)
}

/** What becomes of turns that were under way when their process died. */
export type AfterCrash = {
  /** So often, and it is a dead letter. */
  readonly most: number
  /** How long it waits after so many of them, in ms. */
  readonly waitMs: (crashes: number) => number
}

/**
 * Queues again what a process that ended left running. A turn that was left so too often may be what ends the process: it
 * waits, longer each time, and is set aside as a dead letter in the end: the orgs of those, one for each. Needs a
 * transaction.
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

/** Whether an attempt at a turn is still under way: what was taken back in the meantime is not. */
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

/** Whether a turn that a message has, or that is about it as well, was begun, now or earlier. */
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
 * Cancels the turn of a message, if it has one that was not begun and that is about nothing else, and says why on the message. Needs
 * a transaction.
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
