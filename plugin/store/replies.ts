import { CompiledQuery, sql } from 'kysely'

import type { DeliveryStatus } from '../contract/delivery.ts'
import type { AccountKey } from '../contract/ids.ts'
import type { RejectedReason } from '../contract/rejection.ts'
import type { Connection } from './connection.ts'
import type { ChatKey, SendTable } from './schema.ts'

/** The id of a reply names its turn and its place there, and is longer than that of anything else that is sent. */
const LENGTH_OF_A_SEND = 'snd_'.length + 26

/** Asked before each reply: to have kysely build it costs more than what it finds. */
const COUNT = `
  select count(*) as count from sends
  where org = ? and account = ? and chat_key = ? and accepted_at > ? and length(id) > ${LENGTH_OF_A_SEND}`

/** How many replies were accepted in a chat since an instant. */
export async function countReplies(
  connection: Connection,
  { org, account, chatKey }: AccountKey & { readonly chatKey: ChatKey },
  since: number,
): Promise<number> {
  const query = CompiledQuery.raw(COUNT, [org, account, chatKey, since])
  const { rows } = await connection.executeQuery<{ count: number }>(query)
  return rows[0]?.count ?? 0
}

/** How many replies were accepted to what was written in a chat within so many ms before a message of it, itself included. */
export async function countRepliesAround(connection: Connection, messageId: string, withinMs: number): Promise<number> {
  // The id of a reply begins with that of its turn; "`" follows "_".
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from messages as mine
    inner join messages on messages.chat_key = mine.chat_key and messages.org = mine.org
      and messages.account = mine.account and messages.direction = 'inbound' and messages.from_me = 0
      and messages.sent_at > mine.sent_at - ${withinMs}
    inner join turns on turns.message_id = messages.id
    inner join sends on sends.id > 'snd_' || substr(turns.id, 5) || '_' and sends.id < 'snd_' || substr(turns.id, 5) || '\`'
    where mine.id = ${messageId}`.execute(connection)
  return rows[0]?.count ?? 0
}

/** A reply to a message, and when its send came to each status; what was older than 30 days is forgotten. */
export type StoredReply = {
  readonly messageId: string
  readonly sendId: string
  readonly status: DeliveryStatus
  readonly rejectedCode: number | null
  readonly rejectedReason: RejectedReason | null
  readonly acceptedAt: number
  readonly cameTo: ReadonlyMap<DeliveryStatus, number>
}

/** The replies to a message, in order. */
export async function listReplies(connection: Connection, messageId: string): Promise<StoredReply[]> {
  const rows = await connection
    .selectFrom('messages')
    .innerJoin('sends', 'sends.message_id', 'messages.id')
    .leftJoin('send_changes', 'send_changes.send_id', 'sends.id')
    .select(['sends.id', 'sends.message_id', 'sends.seq', 'sends.status', 'sends.accepted_at'])
    .select(['sends.rejected_code', 'sends.rejected_reason'])
    .select(['send_changes.status as step', 'send_changes.changed_at'])
    .where('messages.answers', '=', messageId)
    .execute()
  const replies = new Map<string, StoredReply & { readonly cameTo: Map<DeliveryStatus, number> }>()
  for (const row of rows.toSorted((one, other) => one.seq - other.seq)) {
    const reply = replies.get(row.id) ?? replyOf(row)
    replies.set(row.id, reply)
    if (row.step !== null && row.changed_at !== null) reply.cameTo.set(row.step, row.changed_at)
  }
  return [...replies.values()]
}

const replyOf = (
  row: Pick<SendTable, 'id' | 'message_id' | 'status' | 'rejected_code' | 'rejected_reason' | 'accepted_at'>,
) => ({
  messageId: row.message_id,
  sendId: row.id,
  status: row.status,
  rejectedCode: row.rejected_code,
  rejectedReason: row.rejected_reason,
  acceptedAt: row.accepted_at,
  cameTo: new Map<DeliveryStatus, number>(),
})
