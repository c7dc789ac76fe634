import { CompiledQuery } from 'kysely'

import type { OrgId } from '../../contract/ids.ts'
import type { LoopSign, SuspectedLoop } from '../../contract/loop.ts'
import type { ChatKey, ChatOf, PersonId } from '../sql/schema.ts'
import type { Connection } from '../sql/connection.ts'
import { chatOf } from './messages.ts'
import { lastSeq } from '../sql/sequences.ts'
import type { Span } from './rate-counts.ts'

/** What is known about loops in a chat. `sign` is null if no loop is suspected. */
export type LoopState = {
  readonly sign: LoopSign | null
  /** Messages after this number of the org's stream count as signs of a loop; 0: all of them. */
  readonly pardonedSeq: number
}

const INNOCENT: LoopState = { sign: null, pardonedSeq: 0 }

/** The last turn of a chat, and when its replies were transmitted. */
export type LastTurn = {
  /** How many turns in a row, up to this one, came right after our replies. */
  readonly run: number
  readonly queuedAt: number
  /** The number of the turn's message. */
  readonly seq: number
  readonly sentAt: number
  /** When its first reply was transmitted; null if none was. */
  readonly transmittedAt: number | null
  /** When WhatsApp acknowledged the latest of its replies; null if it acknowledged none. */
  readonly ackedAt: number | null
}

/** Raw SQL: these run for each message that matches a binding, and building them in Kysely costs more than running them. */
const STATE = 'select sign, pardoned_seq as pardonedSeq from loops where chat_key = ? and org = ? and account = ?'
const LAST = `
  select turns.run, turns.queued_at as queuedAt, messages.seq, messages.sent_at as sentAt,
    (select min(sends.transmitted_at) from messages as reply join sends on sends.message_id = reply.id
     where reply.answers = messages.id) as transmittedAt,
    (select max(send_changes.changed_at) from messages as reply join sends on sends.message_id = reply.id
     join send_changes on send_changes.send_id = sends.id
     where reply.answers = messages.id and send_changes.status = 'sent') as ackedAt
  from turns join messages on messages.id = turns.message_id
  where turns.org = ? and turns.account = ? and turns.chat_key = ? order by turns.id desc limit 1`
const ASKED = `select count(*) as count from messages
  where sender_id = ? and sent_at > ? and sent_at <= ? and binding_id is not null and gathered_in is null and seq > ?`
const SAME = `${ASKED} and chat_key = ? and json_extract(content, '$.kind') = 'text' and json_extract(content, '$.text') = ?`

async function firstOf<Row>(
  connection: Connection,
  query: string,
  values: readonly unknown[],
): Promise<Row | undefined> {
  const { rows } = await connection.executeQuery<Row>(CompiledQuery.raw(query, [...values]))
  return rows[0]
}

/** Whether a loop is suspected in a chat, and from which message on signs count. */
export const loopStateOf = async (connection: Connection, { org, account, chatKey }: ChatOf): Promise<LoopState> =>
  (await firstOf<LoopState>(connection, STATE, [chatKey, org, account])) ?? INNOCENT

/** The last turn queued for a chat; undefined if there is none. */
export const lastTurnIn = (connection: Connection, { org, account, chatKey }: ChatOf): Promise<LastTurn | undefined> =>
  firstOf<LastTurn>(connection, LAST, [org, account, chatKey])

/** What a person wrote within a span, after a number of the org's stream. */
export type Written = Span & { readonly senderId: PersonId; readonly afterSeq: number }

const valuesOf = ({ senderId, after, until, afterSeq }: Written): unknown[] => [senderId, after, until, afterSeq]

/** How many questions of a person went to agents. A question in several messages counts once. */
export async function countAsked(connection: Connection, written: Written): Promise<number> {
  return (await firstOf<{ count: number }>(connection, ASKED, valuesOf(written)))?.count ?? 0
}

/** How many of those have exactly this text, in one chat. */
export async function countSameWords(
  connection: Connection,
  written: Written,
  { chatKey, words }: { readonly chatKey: ChatKey; readonly words: string },
): Promise<number> {
  const values = [...valuesOf(written), chatKey, words]
  return (await firstOf<{ count: number }>(connection, SAME, values))?.count ?? 0
}

/** Marks a chat as suspected of a loop: no agent is asked about its messages from now on. Needs a transaction. */
export async function suspectLoop(
  transaction: Connection,
  { org, account, chatKey }: ChatOf,
  sign: LoopSign,
): Promise<void> {
  const suspected = { sign, since: Date.now() }
  await transaction
    .insertInto('loops')
    .values({ org, account, chat_key: chatKey, ...suspected, pardoned_seq: 0 })
    .onConflict(conflict => conflict.columns(['chat_key', 'org', 'account']).doUpdateSet(suspected))
    .execute()
}

/**
 * Ends the suspicion at a person's request: earlier messages no longer count as signs of a loop. Returns whether a loop was
 * suspected. Needs a transaction.
 */
export async function pardonLoop(transaction: Connection, { org, account, chatKey }: ChatOf): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('loops')
    .set({ sign: null, since: null, pardoned_seq: await lastSeq(transaction, org) })
    .where('chat_key', '=', chatKey)
    .where('org', '=', org)
    .where('account', '=', account)
    .where('sign', 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** The suspected loops of an org, newest first. */
export async function listLoops(connection: Connection, org: OrgId): Promise<(SuspectedLoop & ChatOf)[]> {
  const rows = await connection
    .selectFrom('loops')
    .leftJoin('people as peer', 'peer.id', 'loops.chat_key')
    .select(['loops.account', 'loops.chat_key as chatKey', 'loops.sign', 'loops.since', 'peer.lid', 'peer.phone'])
    .where('loops.org', '=', org)
    .where('loops.sign', 'is not', null)
    .orderBy('loops.since', 'desc')
    .execute()
  return rows.flatMap(({ account, chatKey, sign, since, ...peer }) =>
    sign && since !== null ? [{ org, account, chatKey, chat: chatOf(chatKey, peer), sign, since }] : [],
  )
}

/** Merges the loop states of two people who turned out to be one. The later pardon applies. Needs a transaction. */
export async function mergeLoops(transaction: Connection, gone: PersonId, kept: PersonId): Promise<void> {
  const of = (chatKey: PersonId) => transaction.selectFrom('loops').selectAll().where('chat_key', '=', chatKey)
  const [lost, own] = [await of(gone).executeTakeFirst(), await of(kept).executeTakeFirst()]
  if (!lost) return
  const pardoned_seq = Math.max(lost.pardoned_seq, own?.pardoned_seq ?? 0)
  const { sign, since } = own?.sign ? own : lost
  await transaction.deleteFrom('loops').where('chat_key', 'in', [gone, kept]).execute()
  await transaction
    .insertInto('loops')
    .values({ ...lost, chat_key: kept, sign, since, pardoned_seq })
    .execute()
}
