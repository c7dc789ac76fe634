import { setImmediate } from 'node:timers/promises'

import { sql } from 'kysely'

import { bounded } from '../../contract/bounded.ts'
import type { MessageContent } from '../../contract/content.ts'
import type { OutboundContent } from '../../contract/delivery.ts'
import type { AccountKey, Person } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import type { ChatKey, Outcome, PersonId } from '../sql/schema.ts'

/** A message as a part of its conversation. */
export type StoredConversationMessage = {
  readonly id: string
  readonly seq: number
  readonly direction: 'inbound' | 'outbound'
  readonly sender: Person
  readonly senderName: string | null
  readonly content: MessageContent | OutboundContent
  /** Whether the sender marked it as forwarded. */
  readonly forwarded: boolean
  /** Whether it is only an edit of another message. */
  readonly edits: boolean
  readonly outcome: Outcome
  /** The `seq` of the message that it answers; null if it is not a reply. */
  readonly answersSeq: number | null
  /** The message that took it back or, for a message of ours, its latest edit; null if there is none. */
  readonly change: { readonly content: MessageContent | OutboundContent; readonly outcome: Outcome } | null
  readonly sentAt: number
}

/** A chat or, if `participant` names a person, only what that person writes in it. */
export type Conversation = AccountKey & { readonly chatKey: ChatKey; readonly participant: PersonId | null }

/** Longer texts are read in a query of their own; agents get only the beginning. */
const LONG_BYTES = 65_536
const BEGINNING_LETTERS = 8_000

const conversationMessages = (connection: Connection) =>
  connection
    .selectFrom('messages')
    .innerJoin('people as sender', 'sender.id', 'messages.sender_id')
    .leftJoin('messages as answered', 'answered.id', 'messages.answers')
    .leftJoin('messages as change', 'change.id', 'messages.changed_by')
    .select([
      'messages.id',
      'messages.seq',
      'messages.direction',
      'messages.sender_name',
      'messages.forwarded',
      'messages.edits',
      'messages.outcome',
      'messages.sent_at',
      'sender.lid',
      'sender.phone',
      'answered.seq as answers_seq',
      'messages.changed_by',
      'change.outcome as change_outcome',
    ])
    .select([
      sql<string | null>`iif(octet_length(messages.content) <= ${LONG_BYTES}, messages.content, null)`.as('content'),
      sql<string | null>`iif(octet_length(change.content) <= ${LONG_BYTES}, change.content, null)`.as('change_content'),
    ])

type Row = Awaited<ReturnType<ReturnType<typeof conversationMessages>['execute']>>[number]

type Content = StoredConversationMessage['content']

/** Reads the beginning of a long text, after letting other work run. */
async function beginningOf(connection: Connection, id: string): Promise<Content> {
  await setImmediate()
  const { content } = await connection
    .selectFrom('messages')
    .select('content')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return bounded(JSON.parse(content) as Content, BEGINNING_LETTERS)
}

const contentIn = (connection: Connection, id: string, json: string | null): Content | Promise<Content> =>
  json === null ? beginningOf(connection, id) : (JSON.parse(json) as Content)

async function storedAll(connection: Connection, rows: readonly Row[]): Promise<StoredConversationMessage[]> {
  const all: StoredConversationMessage[] = []
  for (const row of rows) all.push(await stored(connection, row))
  return all
}

async function stored(connection: Connection, row: Row): Promise<StoredConversationMessage> {
  const { id, seq, direction, outcome, lid, phone, changed_by: by, change_outcome: changeOutcome } = row
  const change = by === null || changeOutcome === null ? null : await contentIn(connection, by, row.change_content)
  return {
    id,
    seq,
    direction,
    outcome,
    sender: { lid, phone },
    senderName: row.sender_name,
    content: await contentIn(connection, id, row.content),
    forwarded: row.forwarded !== null,
    edits: row.edits !== '',
    answersSeq: row.answers_seq,
    change: change !== null && changeOutcome !== null ? { content: change, outcome: changeOutcome } : null,
    sentAt: row.sent_at,
  }
}

/** The messages of a conversation before a number, newest first; if `participant` is set, only that person's messages. */
export async function listConversation(
  connection: Connection,
  { org, account, chatKey, participant }: Conversation,
  { before, limit }: { before: number; limit: number },
): Promise<StoredConversationMessage[]> {
  const page = conversationMessages(connection)
    .where('messages.chat_key', '=', chatKey)
    .where('messages.seq', '<', before)
    .orderBy('messages.seq', 'desc')
    .limit(limit)
  const rows =
    participant === null
      ? await page.where('messages.org', '=', org).where('messages.account', '=', account).execute()
      : await page.where('messages.sender_id', '=', participant).execute()
  return storedAll(connection, rows)
}

/** Our answers to the messages of a conversation from one number on and before another. */
export async function listAnswers(
  connection: Connection,
  { org, account, chatKey, participant }: Conversation,
  { from, before }: { from: number; before: number },
): Promise<StoredConversationMessage[]> {
  const heard = connection
    .selectFrom('messages as heard')
    .select('heard.id')
    .where('heard.chat_key', '=', chatKey)
    .where('heard.seq', '>=', from)
    .where('heard.seq', '<', before)
  const those =
    participant === null
      ? heard.where('heard.org', '=', org).where('heard.account', '=', account)
      : heard.where('heard.sender_id', '=', participant)
  return storedAll(connection, await conversationMessages(connection).where('messages.answers', 'in', those).execute())
}

/** Records which message took a message back. Needs a transaction. */
export async function noteChange(transaction: Connection, id: string, by: string): Promise<void> {
  await transaction.updateTable('messages').set({ changed_by: by }).where('id', '=', id).execute()
}

/** Records that a message of ours edits or takes back another one. Needs a transaction. */
export async function noteOwnChange(
  transaction: Connection,
  target: AccountKey & { readonly chatKey: ChatKey; readonly stanzaId: string },
  by: string,
): Promise<void> {
  await transaction
    .updateTable('messages')
    .set({ changed_by: by })
    .where('org', '=', target.org)
    .where('account', '=', target.account)
    .where('stanza_id', '=', target.stanzaId)
    .where('chat_key', '=', target.chatKey)
    .where('direction', '=', 'outbound')
    .execute()
}
