import { sql } from 'kysely'

import type { AccountKey } from '../../contract/ids.ts'
import { noteChangedTurns } from '../sql/turn-changes.ts'
import type { ChatOf, Outcome } from '../sql/schema.ts'
import type { Connection } from '../sql/connection.ts'
import { noteRemains } from '../sql/overwrite.ts'
import { setOutcomeOfTurn } from '../messages/message-batches.ts'
import { forgetFilesOf } from './deleted-files.ts'
import { letGo } from '../sends/sends.ts'
import { FORGOTTEN } from '../messages/messages.ts'

/** A message that has disappeared from its chat. */
export type DueMessage = ChatOf & { readonly id: string; readonly stanzaId: string }

/** What a deletion stopped: the turns that were running, and the accounts whose waiting sends were ended. */
export type Ended = { readonly running: readonly string[]; readonly silenced: readonly AccountKey[] }

const OPEN = ['queued', 'running', 'awaiting_approval', 'needs_operator', 'dead_letter'] as const
const UNANSWERED = ['matched', 'needs_operator', 'dead_letter'] as const satisfies readonly Outcome[]
/** Replaces the reason that was given for an approval. */
const UNKNOWN_REASON = 'What it was about has disappeared from its chat.'

/** The messages that have disappeared by an instant, oldest first. */
export function listDisappeared(connection: Connection, at: number, limit: number): Promise<DueMessage[]> {
  return connection
    .selectFrom('messages')
    .select(['id', 'org', 'account', 'chat_key as chatKey', 'stanza_id as stanzaId'])
    .where('forget_at', '<=', at)
    .orderBy('forget_at')
    .limit(limit)
    .execute()
}

/** When the next message disappears after an instant; null if none does. */
export async function nextDisappearance(connection: Connection, after: number): Promise<number | null> {
  const row = await connection
    .selectFrom('messages')
    .select('forget_at as at')
    .where('forget_at', '>', after)
    .orderBy('forget_at')
    .limit(1)
    .executeTakeFirst()
  return row?.at ?? null
}

/**
 * Forgets the content of messages and all copies of it elsewhere: in turns, in messages that quote or change them, and in prompts
 * to approvers. Ends their open turns, approvals and sends first. Needs a transaction.
 */
export async function forgetMessages(transaction: Connection, due: readonly DueMessage[], at: number): Promise<Ended> {
  const ids = due.map(({ id }) => id)
  const heads = await headsOf(transaction, ids)
  const running = await endTurns(transaction, heads, at)
  await noteUnanswered(transaction, ids)
  await forgetCourses(transaction, heads)
  const all = [...ids, ...(await promptsAbout(transaction, heads))]
  const silenced = await forgetSends(transaction, all)
  await forgetQuotes(transaction, all)
  await forgetClaims(transaction, due)
  await forgetChanges(transaction, due, at)
  await forgetFilesOf(transaction, all)
  await transaction
    .updateTable('messages')
    .set({ content: FORGOTTEN, quoted: null, judged: null, forget_at: null })
    .where('id', 'in', all)
    .execute()
  await noteRemains(transaction)
  return { running, silenced }
}

/** The head messages of the turns that these messages belong to; a message that was not gathered is its own head. */
async function headsOf(transaction: Connection, ids: readonly string[]): Promise<string[]> {
  const rows = await transaction
    .selectFrom('messages')
    .select(row => row.fn.coalesce('gathered_in', 'id').as('head'))
    .where('id', 'in', ids)
    .execute()
  return [...new Set(rows.map(({ head }) => head))]
}

async function endTurns(transaction: Connection, heads: readonly string[], at: number): Promise<string[]> {
  const open = await transaction
    .selectFrom('turns')
    .select(['id', 'org', 'status', 'message_id as headId'])
    .where('message_id', 'in', heads)
    .where('status', 'in', OPEN)
    .execute()
  if (open.length > 0) {
    const turns = open.map(({ id }) => id)
    const unheld = { next_at: null, backlog_until: null, gathers_until: null, parked_step: null }
    await transaction
      .updateTable('turns')
      .set({ ...unheld, status: 'cancelled', code: 'forgotten', ended_at: at })
      .where('id', 'in', turns)
      .execute()
    await transaction
      .updateTable('approvals')
      .set({ expires_at: at })
      .where('turn_id', 'in', turns)
      .where('status', '=', 'pending')
      .where('expires_at', '>', at)
      .execute()
    for (const { headId } of open) await setOutcomeOfTurn(transaction, headId, 'ignored: forgotten')
    noteChangedTurns(transaction, ...open)
  }
  return open.filter(({ status }) => status === 'running').map(({ id }) => id)
}

/** Marks unanswered messages as ignored: no agent is asked about them any more. */
async function noteUnanswered(transaction: Connection, ids: readonly string[]): Promise<void> {
  await transaction
    .updateTable('messages')
    .set({ outcome: 'ignored: forgotten' })
    .where('id', 'in', ids)
    .where(row => row.or([row('outcome', 'in', UNANSWERED), sql<boolean>`outcome like 'unmatched:%'`]))
    .execute()
}

const turnsOf = (transaction: Connection, heads: readonly string[]) =>
  transaction.selectFrom('turns').select('id').where('message_id', 'in', heads)

/** Clears the arguments and results of tool calls, and the notes of approvers. */
async function forgetCourses(transaction: Connection, heads: readonly string[]): Promise<void> {
  await transaction
    .updateTable('steps')
    .set({ result: null, reason: null, arguments_hash: '' })
    .where('turn_id', 'in', turnsOf(transaction, heads))
    .execute()
  await transaction
    .updateTable('approvals')
    .set({ arguments: '{}', arguments_hash: '', reason: UNKNOWN_REASON, note: null })
    .where('turn_id', 'in', turnsOf(transaction, heads))
    .execute()
}

/** The messages that asked approvers about a call: they contain its arguments and are in other chats. */
async function promptsAbout(transaction: Connection, heads: readonly string[]): Promise<string[]> {
  const rows = await transaction
    .selectFrom('approval_prompts')
    .innerJoin('approvals', 'approvals.id', 'approval_prompts.approval_id')
    .innerJoin('sends', 'sends.id', 'approval_prompts.send_id')
    .select('sends.message_id as id')
    .where('approvals.turn_id', 'in', turnsOf(transaction, heads))
    .execute()
  return rows.map(({ id }) => id)
}

/** Ends waiting sends and deletes the content of all sends. */
async function forgetSends(transaction: Connection, ids: readonly string[]): Promise<AccountKey[]> {
  const waiting = await transaction
    .selectFrom('sends')
    .select(['id', 'org', 'account', 'message_id as messageId'])
    .where('message_id', 'in', ids)
    .where('status', '=', 'accepted')
    .execute()
  for (const send of waiting) await letGo(transaction, send)
  await transaction
    .updateTable('sends')
    .set({ content: FORGOTTEN, bytes: null, text_hash: null })
    .where('message_id', 'in', ids)
    .execute()
  return waiting.map(({ org, account }) => ({ org, account }))
}

/** Keeps the messages that quote these, but removes the quoted text. */
async function forgetQuotes(transaction: Connection, ids: readonly string[]): Promise<void> {
  await transaction
    .updateTable('messages')
    .set({ quoted: sql`json_set(quoted, '$.text', null)` })
    .where('quotes', 'in', ids)
    .where('quoted', 'is not', null)
    .execute()
  const hasQuote = sql<boolean>`json_extract(content, '$.quote.text') is not null`
  const unquoted = sql<string>`json_set(content, '$.quote.text', '')`
  const ours = transaction.selectFrom('messages').select('id').where('quotes', 'in', ids)
  await transaction
    .updateTable('sends')
    .set({ content: unquoted, bytes: null })
    .where('message_id', 'in', ours)
    .where(hasQuote)
    .execute()
  await transaction
    .updateTable('messages')
    .set({ content: unquoted })
    .where('quotes', 'in', ids)
    .where(hasQuote)
    .execute()
}

/** Does the same for messages that quote a message that was unknown when they arrived. */
async function forgetClaims(transaction: Connection, due: readonly DueMessage[]): Promise<void> {
  for (const { org, account, chatKey, stanzaId } of due) {
    await transaction
      .updateTable('messages')
      .set({ quoted: sql`json_set(quoted, '$.text', null)` })
      .where(sql<boolean>`json_extract(quoted, '$.stanzaId') = ${stanzaId}`)
      .where('quoted', 'is not', null)
      .where('chat_key', '=', chatKey)
      .where('org', '=', org)
      .where('account', '=', account)
      .execute()
  }
}

/** Makes edits of the forgotten messages disappear with them. */
async function forgetChanges(transaction: Connection, due: readonly DueMessage[], at: number): Promise<void> {
  const kept = transaction
    .updateTable('messages')
    .set({ forget_at: at })
    .where('content', '<>', FORGOTTEN)
    .where(row => row.or([row('forget_at', 'is', null), row('forget_at', '>', at)]))
  for (const { id, org, account, chatKey, stanzaId } of due) {
    await kept
      .where('edits', '=', stanzaId)
      .where(sql<boolean>`edits <> ''`)
      .where('chat_key', '=', chatKey)
      .where('org', '=', org)
      .where('account', '=', account)
      .execute()
    const last = transaction.selectFrom('messages').select('changed_by').where('id', '=', id)
    await kept.where('id', '=', last).where('direction', '=', 'outbound').execute()
  }
}
