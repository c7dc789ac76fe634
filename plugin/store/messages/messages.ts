import { sql } from 'kysely'

import type { Judged } from '../../contract/binding.ts'
import { claimed, wordOf, type Claimed } from '../../contract/claimed.ts'
import { type MessageContent, textOf } from '../../contract/content.ts'
import type { OutboundContent } from '../../contract/delivery.ts'
import { type AccountKey, type Chat, type GroupId, type OrgId, parseGroupId, type Person } from '../../contract/ids.ts'
import { forgetAtOf, type Forwarding, type MessageKey, type QuotedMessage } from '../../contract/message.ts'
import type { MessagePage } from '../../contract/api/messages.ts'
import type { StoredAttachment } from './attachments.ts'
import { inAccount } from '../sql/account-index.ts'
import type { Connection } from '../sql/connection.ts'
import { overwriteFor } from '../sql/overwrite.ts'
import { rowId } from '../sql/row-id.ts'
import type { ChatKey, MessageTable, Outcome, PersonId } from '../sql/schema.ts'
import { nextHiddenSeq, nextSeq } from '../sql/sequences.ts'

/** A stored message, with all addresses of its people known by now. */
export type StoredMessage = AccountKey & {
  readonly id: string
  readonly seq: number
  readonly direction: 'inbound' | 'outbound'
  readonly chat: Chat
  readonly chatKey: ChatKey
  readonly sender: Person
  readonly senderId: PersonId
  /** Null for messages we sent. */
  readonly receiver: Person | null
  readonly receiverId: PersonId | null
  readonly stanzaId: string
  /** Null for messages we sent, and for messages from before this was stored. */
  readonly key: MessageKey | null
  readonly edits: string | null
  readonly fromMe: boolean
  readonly senderName: string | null
  readonly content: MessageContent | OutboundContent
  /** The message's file; null if it has none. */
  readonly attachment: StoredAttachment | null
  readonly mentioned: boolean
  readonly mentionsAll: boolean
  readonly forwarded: Claimed<Forwarding> | null
  readonly quoted: Claimed<QuotedMessage> | null
  /** The message that it quotes, if that was stored when this one arrived. */
  readonly quotes: string | null
  readonly outcome: Outcome
  /** The head message of the turn that includes this message; null if this message has its own turn or none. */
  readonly gatheredIn: string | null
  readonly bindingId: string | null
  /** Null if no binding was checked. */
  readonly judged: Judged | null
  readonly sentAt: number
  readonly receivedAt: number
}

/** The fields of a new message that the caller provides; the rest is generated. */
export type NewMessage = Omit<
  StoredMessage,
  | 'id'
  | 'seq'
  | 'chat'
  | 'sender'
  | 'receiver'
  | 'attachment'
  | 'quotes'
  | 'key'
  | 'mentionsAll'
  | 'forwarded'
  | 'gatheredIn'
> & {
  readonly quotes?: string | null
  readonly mentionsAll?: boolean
  readonly forwarded?: Claimed<Forwarding> | null
  readonly key?: MessageKey | null | undefined
  /** After how many seconds the message disappears; null or missing if it stays. */
  readonly expiresInSeconds?: number | null
  /** The message that it answers; missing if it is not a reply. */
  readonly answers?: string | undefined
}

/** The content of a message that is forgotten. */
export const FORGOTTEN = JSON.stringify({ kind: 'forgotten' } satisfies MessageContent)

/** Selects messages with the addresses of their people, and their files. */
export const selectMessages = (connection: Connection) =>
  connection
    .selectFrom('messages')
    .innerJoin('people as sender', 'sender.id', 'messages.sender_id')
    .leftJoin('people as receiver', 'receiver.id', 'messages.receiver_id')
    .leftJoin('people as peer', 'peer.id', 'messages.chat_key')
    .leftJoin('attachments as file', 'file.message_id', 'messages.id')
    .selectAll('messages')
    .select([
      'sender.lid as sender_lid',
      'sender.phone as sender_phone',
      'receiver.lid as receiver_lid',
      'receiver.phone as receiver_phone',
      'peer.lid as peer_lid',
      'peer.phone as peer_phone',
      'file.kind as file_kind',
      'file.file_name',
      'file.artifact_id',
      'file.mime as file_mime',
      'file.size_bytes as file_bytes',
      'file.sha256 as file_sha256',
      'file.failure as file_failure',
    ])

export type MessageRow = Awaited<ReturnType<ReturnType<typeof selectMessages>['execute']>>[number]

/** The text that rules, agents and readers see: the text, caption, question or comment; empty if there is none. */
export function textOfStored({ content }: Pick<StoredMessage, 'content'>): string {
  switch (content.kind) {
    case 'edit':
      return content.text
    case 'media':
      return content.caption
    case 'delete':
    case 'contact':
    case 'reaction':
    case 'forgotten':
      return ''
    case 'location':
      return 'comment' in content ? content.comment : ''
    default:
      return textOf(content)
  }
}

/** The chat of a chat key, given the addresses of its peer. */
export function chatOf(key: ChatKey, peer: Person): Chat {
  const group: GroupId | null = parseGroupId(key)
  return group ? { kind: 'group', group } : { kind: 'direct', peer }
}

export function storedMessage(row: MessageRow): StoredMessage {
  const { org, account, id, seq, direction, outcome } = row
  return {
    org,
    account,
    id,
    seq,
    direction,
    outcome,
    chat: chatOf(row.chat_key, { lid: row.peer_lid, phone: row.peer_phone }),
    chatKey: row.chat_key,
    sender: { lid: row.sender_lid, phone: row.sender_phone },
    senderId: row.sender_id,
    receiver: row.receiver_id && { lid: row.receiver_lid, phone: row.receiver_phone },
    receiverId: row.receiver_id,
    stanzaId: row.stanza_id,
    edits: row.edits || null,
    key: row.stanza_key === null ? null : (JSON.parse(row.stanza_key) as MessageKey),
    fromMe: row.from_me === 1,
    senderName: row.sender_name,
    content: JSON.parse(row.content) as StoredMessage['content'],
    attachment: attachmentOf(row),
    mentioned: row.mentioned === 1,
    mentionsAll: row.mentions_all === 1,
    forwarded: row.forwarded === null ? null : claimed({ score: row.forwarded }),
    quoted: row.quoted === null ? null : claimed(JSON.parse(row.quoted) as QuotedMessage),
    quotes: row.quotes,
    gatheredIn: row.gathered_in,
    bindingId: row.binding_id,
    judged: row.judged === null ? null : (JSON.parse(row.judged) as Judged),
    sentAt: row.sent_at,
    receivedAt: row.received_at,
  }
}

function attachmentOf(row: MessageRow): StoredAttachment | null {
  const { file_kind: kind, file_failure: failure, artifact_id: id, file_bytes: sizeBytes, file_sha256: sha256 } = row
  if (kind === null) return null
  const isKept = id !== null && sizeBytes !== null && sha256 !== null
  const artifact = isKept ? { id, mime: row.file_mime, sizeBytes, sha256, fileName: row.file_name } : null
  return { kind, artifact, failure }
}

/**
 * Stores a message and assigns its number in the org's stream. A message that cannot be decrypted yet is not in the stream. Needs a
 * transaction.
 */
export async function addMessage(transaction: Connection, message: NewMessage): Promise<{ id: string; seq: number }> {
  const hidden = message.outcome === 'undecryptable'
  const seq = hidden ? await nextHiddenSeq(transaction, message.org) : await nextSeq(transaction, message.org)
  const id = rowId('msg')
  const { org, account, direction, outcome } = message
  const row: MessageTable = {
    id,
    org,
    account,
    seq,
    direction,
    outcome,
    chat_key: message.chatKey,
    sender_id: message.senderId,
    receiver_id: message.receiverId,
    stanza_id: message.stanzaId,
    stanza_key: message.key ? JSON.stringify(message.key) : null,
    edits: message.edits ?? '',
    from_me: message.fromMe ? 1 : 0,
    sender_name: message.senderName,
    content: JSON.stringify(message.content),
    mentioned: message.mentioned ? 1 : 0,
    mentions_all: message.mentionsAll ? 1 : 0,
    forwarded: message.forwarded ? wordOf(message.forwarded).score : null,
    quoted: message.quoted && JSON.stringify(message.quoted),
    quotes: message.quotes ?? null,
    binding_id: message.bindingId,
    judged: message.judged && JSON.stringify(message.judged),
    answers: message.answers ?? null,
    changed_by: null,
    album: albumIn(message.content),
    gathered_in: null,
    sent_at: message.sentAt,
    received_at: message.receivedAt,
    expires_in: message.expiresInSeconds ?? null,
    forget_at: forgetAtOf(message),
  }
  await overwriteFor(transaction, row.forget_at)
  await transaction.insertInto('messages').values(row).execute()
  return { id, seq }
}

/** The stanza id of the album that a message is part of; null if none. */
export const albumIn = (content: StoredMessage['content']): string | null =>
  content.kind === 'media' && 'media' in content ? content.media.album : null

/** The org's message with this id. */
export async function findMessage(connection: Connection, org: OrgId, id: string): Promise<StoredMessage | undefined> {
  const row = await selectMessages(connection)
    .where('messages.org', '=', org)
    .where('messages.id', '=', id)
    .executeTakeFirst()
  return row && storedMessage(row)
}

/** The parts of a message's idempotency key (design.md §4.2), besides its account. */
export type MessageIdentity = {
  readonly stanzaId: string
  readonly chatKey: ChatKey
  readonly senderId: PersonId
  readonly edits: string | null
}

/** The stored message with this identity; undefined if there is none. */
export async function findByIdentity(
  connection: Connection,
  key: AccountKey,
  identity: MessageIdentity,
): Promise<{ id: string; seq: number; outcome: Outcome } | undefined> {
  return connection
    .selectFrom('messages')
    .select(['id', 'seq', 'outcome'])
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('stanza_id', '=', identity.stanzaId)
    .where('edits', '=', identity.edits ?? '')
    .where('chat_key', '=', identity.chatKey)
    .where('sender_id', '=', identity.senderId)
    .where('outcome', '<>', 'ignored: duplicate')
    .executeTakeFirst()
}

/** Replaces a message's content, unless it is forgotten. */
export async function replaceContent(
  connection: Connection,
  id: string,
  content: StoredMessage['content'],
): Promise<void> {
  await connection
    .updateTable('messages')
    .set({ content: JSON.stringify(content) })
    .where('id', '=', id)
    .where('content', '<>', FORGOTTEN)
    .execute()
}

export async function setOutcome(connection: Connection, id: string, outcome: Outcome): Promise<void> {
  await connection.updateTable('messages').set({ outcome }).where('id', '=', id).execute()
}

/** Stores which binding matches a message now, and what the decision was based on. */
export async function setJudgement(
  connection: Connection,
  id: string,
  { bindingId, judged }: { bindingId: string | null; judged: Judged | null },
): Promise<void> {
  const verdict = { binding_id: bindingId, judged: judged && JSON.stringify(judged) }
  await connection.updateTable('messages').set(verdict).where('id', '=', id).execute()
}

/** A range of an org's messages: in stream order after a number, or newest first before a message, of one account or of all. */
export type Stretch = { readonly after: number; readonly limit: number } | MessagePage

export async function listMessages(connection: Connection, org: OrgId, stretch: Stretch): Promise<StoredMessage[]> {
  const all = selectMessages(connection).where('messages.org', '=', org).limit(stretch.limit)
  if ('after' in stretch) {
    const rows = await all.where('messages.seq', '>', stretch.after).orderBy('messages.seq').execute()
    return rows.map(storedMessage)
  }
  const { account, before } = stretch
  const ofAccount = account === null ? all : all.where(inAccount('messages', account))
  const newest = ofAccount.orderBy('messages.id', 'desc')
  return (await (before === null ? newest : newest.where('messages.id', '<', before)).execute()).map(storedMessage)
}

/** Outcomes of messages that are checked again later; the index `messages_by_wait` serves these. */
export type WaitingOutcome = 'unmatched: identity_unknown' | 'unmatched: link_unconfirmed'

/** The messages of an account with one waiting outcome, oldest first, after a number. */
export async function listWaiting(
  connection: Connection,
  key: AccountKey,
  waiting: { outcome: WaitingOutcome; after: number; limit: number; person?: PersonId },
): Promise<StoredMessage[]> {
  const { person } = waiting
  const all = selectMessages(connection)
    .where('messages.org', '=', key.org)
    .where('messages.account', '=', key.account)
    .where('messages.outcome', '=', sql.lit(waiting.outcome))
    .where('messages.seq', '>', waiting.after)
    .orderBy('messages.seq')
    .limit(waiting.limit)
  const rows = await (
    person === undefined
      ? all
      : all.where(row => row.or([row('messages.sender_id', '=', person), row('messages.receiver_id', '=', person)]))
  ).execute()
  return rows.map(storedMessage)
}
