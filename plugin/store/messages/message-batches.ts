import { sql } from 'kysely'

import type { ConversationScope } from '../../contract/binding.ts'
import type { AccountKey } from '../../contract/ids.ts'
import type { MessageContent } from '../../contract/content.ts'
import type { TurnStatus } from '../../contract/turn.ts'
import { noteChangedTurns } from '../sql/turn-changes.ts'
import type { ChatKey, ChatOf, Outcome, PersonId } from '../sql/schema.ts'
import type { Connection } from '../sql/connection.ts'
import { selectMessages, type StoredMessage, storedMessage } from './messages.ts'

/** Identifies a sender in a chat. */
export type Speaker = AccountKey & { readonly chatKey: ChatKey; readonly senderId: PersonId }

/** A message of a turn about several messages, for comparison with the next message. */
export type Piece = {
  readonly id: string
  /** The stanza id of the album that the message is part of; null if none. */
  readonly album: string | null
  readonly sentAt: number
  readonly receivedAt: number
}

/** A turn that waits for more messages of its sender, with its messages in order of arrival. */
export type Gathering = {
  readonly turnId: string
  /** The message that the turn is stored under. */
  readonly headId: string
  readonly binding: { readonly id: string; readonly agent: string; readonly conversation: ConversationScope }
  readonly queuedAt: number
  readonly until: number
  readonly pieces: readonly Piece[]
}

/** The `+` keeps SQLite off the status index, which lists all queued turns: only some of them gather messages. */
const ANY_STATUS = sql<TurnStatus>`+status`

/**
 * How many queued turns of a chat are searched for the sender's previous messages. Beyond that, a new message gets a turn of its
 * own.
 */
const TURNS_LOOKED_AT = 20

/** The sender's last turn in a chat that still waits for more messages; null if there is none. */
export async function findGathering(transaction: Connection, speaker: Speaker): Promise<Gathering | null> {
  const newest = await queued(transaction, speaker).orderBy('turns.id', 'desc').limit(TURNS_LOOKED_AT).execute()
  const last = newest.find(({ senderId }) => senderId === speaker.senderId)
  return last ? gatheringOf(transaction, last) : null
}

const queued = (transaction: Connection, { org, account, chatKey }: Speaker) =>
  transaction
    .selectFrom('turns')
    .innerJoin('messages as head', 'head.id', 'turns.message_id')
    .select([
      'turns.id as turnId',
      'turns.message_id as headId',
      'turns.agent',
      'turns.conversation',
      'turns.queued_at as queuedAt',
      'turns.gathers_until as until',
      'turns.attempt',
      'head.sender_id as senderId',
      'head.binding_id as bindingId',
    ])
    .where('turns.status', '=', 'queued')
    .where('turns.ended_at', 'is', null)
    .where('turns.org', '=', org)
    .where('turns.account', '=', account)
    .where('turns.chat_key', '=', chatKey)

type QueuedTurn = Awaited<ReturnType<ReturnType<typeof queued>['execute']>>[number]

const bySeq = (one: { readonly seq: number }, other: { readonly seq: number }): number => one.seq - other.seq

/** Null if the turn has started or does not gather messages. */
async function gatheringOf(transaction: Connection, turn: QueuedTurn): Promise<Gathering | null> {
  const { turnId, headId, agent, conversation, queuedAt, until, attempt, bindingId } = turn
  if (attempt > 0 || until === null || bindingId === null) return null
  const pieces = await transaction
    .selectFrom('messages')
    .select(['id', 'seq', 'album', 'sent_at as sentAt', 'received_at as receivedAt'])
    .where(row => row.or([row('id', '=', headId), row('gathered_in', '=', headId)]))
    .execute()
  pieces.sort(bySeq)
  return { turnId, headId, binding: { id: bindingId, agent, conversation }, queuedAt, until, pieces }
}

/** Adds a message to a turn. Needs a transaction. */
export async function joinTurn(transaction: Connection, headId: string, messageId: string): Promise<void> {
  await transaction.updateTable('messages').set({ gathered_in: headId }).where('id', '=', messageId).execute()
  await transaction
    .updateTable('turns')
    .set(row => ({ pieces: row('pieces', '+', 1) }))
    .where('message_id', '=', headId)
    .execute()
}

/** Records that a binding matches a message that matched none before. Needs a transaction. */
export async function takePart(transaction: Connection, messageId: string, { id }: { id: string }): Promise<void> {
  const taken = { binding_id: id, outcome: 'matched' } as const
  await transaction.updateTable('messages').set(taken).where('id', '=', messageId).execute()
}

/** Moves a turn to another binding. Needs a transaction. */
export async function retarget(
  transaction: Connection,
  { turnId, headId }: Gathering,
  { id, agent, conversation }: Gathering['binding'],
): Promise<void> {
  await transaction.updateTable('turns').set({ agent, conversation }).where('id', '=', turnId).execute()
  await transaction
    .updateTable('messages')
    .set({ binding_id: id })
    .where(row => row.or([row('id', '=', headId), row('gathered_in', '=', headId)]))
    .execute()
}

/** Lets a message's turn wait for more messages of its sender until that time. Needs a transaction. */
export async function gatherUntil(
  transaction: Connection,
  messageId: string,
  { until, now }: { until: number; now: number },
): Promise<void> {
  await transaction
    .updateTable('turns')
    .set({ gathers_until: until, gather_wait_ms: Math.max(0, until - now) })
    .where('message_id', '=', messageId)
    .where('status', '=', 'queued')
    .where('attempt', '=', 0)
    .execute()
}

/** Ends the waiting of all turns of a chat: no later message joins them. Needs a transaction. */
export async function closeGatherings(transaction: Connection, { org, account, chatKey }: ChatOf): Promise<void> {
  await transaction
    .updateTable('turns')
    .set({ gathers_until: null, gather_wait_ms: 0 })
    .where('org', '=', org)
    .where('account', '=', account)
    .where('chat_key', '=', chatKey)
    .where('gathers_until', 'is not', null)
    .where(ANY_STATUS, '=', 'queued')
    .execute()
}

/**
 * The connection of one account, or of all (null), is lost: turns that gather messages wait for the backlog, at most until `until`.
 * Needs a transaction.
 */
export async function holdGatherings(transaction: Connection, key: AccountKey | null, until: number): Promise<void> {
  const open = transaction
    .updateTable('turns')
    .set({ backlog_until: until })
    .where('gathers_until', 'is not', null)
    .where(ANY_STATUS, '=', 'queued')
  await (key ? open.where('org', '=', key.org).where('account', '=', key.account) : open).execute()
}

/** The stored parts of an album that a person sent. */
export type Album = {
  /** The number of pictures and videos in the announcement; null until it arrives. */
  readonly announced: number | null
  /** The parts that arrived, in order, with the outcome of each. */
  readonly parts: readonly AlbumPart[]
}

/** A picture or video of an album. */
export type AlbumPart = {
  readonly id: string
  readonly outcome: Outcome
  readonly gatheredIn: string | null
  readonly caption: string
  readonly mentioned: boolean
  readonly forwarded: boolean
}

/** More than WhatsApp allows in an album; further messages that name the album are not part of it. */
export const ALBUM_MOST = 100

/** The album with that stanza id, as far as it has arrived. */
export async function findAlbum(connection: Connection, speaker: Speaker, album: string): Promise<Album> {
  const { org, account, chatKey, senderId } = speaker
  const those = connection
    .selectFrom('messages')
    .where('org', '=', org)
    .where('account', '=', account)
    .where('chat_key', '=', chatKey)
  const parts = await those
    .select(['id', 'outcome', 'gathered_in as gatheredIn', 'content', 'mentioned', 'forwarded'])
    .where('album', '=', album)
    .where('album', 'is not', null)
    .where('sender_id', '=', senderId)
    .orderBy('seq')
    .limit(ALBUM_MOST)
    .execute()
  const parent = await those
    .select('content')
    .where('stanza_id', '=', album)
    .where('edits', '=', '')
    .where('sender_id', '=', senderId)
    .executeTakeFirst()
  return {
    announced: parent ? announcedIn(JSON.parse(parent.content) as MessageContent) : null,
    parts: parts.map(({ content, mentioned, forwarded, ...part }) => ({
      ...part,
      caption: captionOf(JSON.parse(content) as MessageContent),
      mentioned: mentioned === 1,
      forwarded: forwarded !== null,
    })),
  }
}

/** The captions of an album's parts, in order. */
export const captionsOf = (parts: readonly AlbumPart[]): string[] =>
  parts.map(({ caption }) => caption).filter(caption => caption !== '')

const captionOf = (content: MessageContent): string => (content.kind === 'media' ? content.caption : '')

const announcedIn = (content: MessageContent): number | null =>
  content.kind === 'album' && content.images + content.videos > 0 ? content.images + content.videos : null

/** The turn in which an album's parts wait for the rest; 'begun' if the turn no longer waits; null if no part has a turn. */
export async function findAlbumTurn(
  transaction: Connection,
  speaker: Speaker,
  { parts }: Album,
): Promise<Gathering | 'begun' | null> {
  const heads = [...new Set(parts.map(({ id, gatheredIn }) => gatheredIn ?? id))]
  if (heads.length === 0) return null
  const turns = await transaction
    .selectFrom('turns')
    .select(['message_id as headId', 'status', 'attempt'])
    .where('message_id', 'in', heads)
    .where('status', '<>', 'cancelled')
    .execute()
  const waiting = turns.find(({ status, attempt }) => status === 'queued' && attempt === 0)
  if (!waiting) return turns.length > 0 ? 'begun' : null
  const turn = await queued(transaction, speaker).where('turns.message_id', '=', waiting.headId).executeTakeFirst()
  return turn ? gatheringOf(transaction, turn) : null
}

/** The outcomes of messages that no longer belong to a turn. */
const TAKEN_BACK: Outcome[] = ['ignored: revoked', 'ignored: duplicate']

/** All messages of a turn in order of arrival, without those that were taken back. */
export async function piecesOf(connection: Connection, headId: string): Promise<StoredMessage[]> {
  const rows = await selectMessages(connection)
    .where(row => row.or([row('messages.id', '=', headId), row('messages.gathered_in', '=', headId)]))
    .execute()
  return rows
    .map(storedMessage)
    .filter(({ outcome }) => !TAKEN_BACK.includes(outcome))
    .toSorted(bySeq)
}

/** Sets the outcome of all messages of a turn, except those that were taken back. Needs a transaction. */
export async function setOutcomeOfTurn(transaction: Connection, headId: string, outcome: Outcome): Promise<void> {
  await transaction
    .updateTable('messages')
    .set({ outcome })
    .where(row => row.or([row('id', '=', headId), row('gathered_in', '=', headId)]))
    .where('outcome', 'not in', TAKEN_BACK)
    .execute()
}

/** Removes a message from its turn, if that has not started: the next message of the turn becomes its head. Needs a transaction. */
export async function leaveTurn(transaction: Connection, messageId: string): Promise<void> {
  const heir = await transaction
    .selectFrom('messages')
    .select('id')
    .where('gathered_in', '=', messageId)
    .where('outcome', 'not in', TAKEN_BACK)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  if (!heir) return
  const passed = await transaction
    .updateTable('turns')
    .set(row => ({ message_id: heir.id, pieces: row('pieces', '-', 1) }))
    .where('message_id', '=', messageId)
    .where('status', 'in', ['queued', 'cancelled'])
    .where('attempt', '=', 0)
    .returning(['org', 'id'])
    .execute()
  if (passed.length === 0) return
  await transaction.updateTable('messages').set({ gathered_in: heir.id }).where('gathered_in', '=', messageId).execute()
  await transaction.updateTable('messages').set({ gathered_in: null }).where('id', '=', heir.id).execute()
  noteChangedTurns(transaction, ...passed)
}
