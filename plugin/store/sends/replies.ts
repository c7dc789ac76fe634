import type { DeliveryStatus } from '../../contract/delivery.ts'
import type { AccountName, OrgId } from '../../contract/ids.ts'
import type { RejectedReason } from '../../contract/rejection.ts'
import type { Connection } from '../sql/connection.ts'
import type { ChatKey, PersonId, SendTable } from '../sql/schema.ts'

/** A reply to a message, and when its send reached each status; times older than 30 days are forgotten. */
export type StoredReply = {
  readonly messageId: string
  readonly sendId: string
  readonly status: DeliveryStatus
  readonly rejectedCode: number | null
  readonly rejectedReason: RejectedReason | null
  readonly acceptedAt: number
  readonly cameTo: ReadonlyMap<DeliveryStatus, number>
}

/** The account, chat and sender for replies to a message; undefined if we sent the message or it does not exist. */
export async function findPlaceOfReplies(
  connection: Connection,
  org: OrgId,
  id: string,
): Promise<{ readonly account: AccountName; readonly chatKey: ChatKey; readonly from: PersonId } | undefined> {
  const row = await connection
    .selectFrom('messages')
    .select(['account', 'chat_key as chatKey', 'receiver_id as from'])
    .where('org', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.from ? { ...row, from: row.from } : undefined
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
