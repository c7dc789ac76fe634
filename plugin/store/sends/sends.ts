import type {
  Delivery,
  DeliveryStatus,
  OutboundContent,
  Remark,
  SendClass,
  TransmitOutcome,
} from '../../contract/delivery.ts'
import type { AccountKey, OrgId, Phone } from '../../contract/ids.ts'
import { forgetAtOf } from '../../contract/message.ts'
import type { RejectedReason, Rejection } from '../../contract/rejection.ts'
import type { Connection } from '../sql/connection.ts'
import { chatOf, setOutcome } from '../messages/messages.ts'
import type { ChatKey, Outcome, SendTable } from '../sql/schema.ts'
import { overwriteFor } from '../sql/overwrite.ts'
import { noteChange } from './send-changes.ts'

/** A stored send: the delivery, and its bytes once rendered. */
export type StoredSend = Delivery & {
  readonly chatKey: ChatKey
  readonly seq: number
  readonly bytes: Uint8Array | null
  readonly class: SendClass
  /** Drawn at acceptance: the earliest time of the send, and the gap to the account's previous send of its kind. */
  readonly notBefore: number
  readonly gapMs: number
  readonly expiresAt: number
  /** The time of the first transmission. */
  readonly transmittedAt: number | null
  readonly textHash: string | null
  readonly held: 'same_text' | null
  /** Whether WhatsApp is asked for the number before the first transmission. */
  readonly askFirst: boolean
}

/** The fields of a new send that the caller provides. */
export type NewSend = Omit<
  StoredSend,
  'chat' | 'bytes' | 'status' | 'rejectedCode' | 'rejectedReason' | 'remark' | 'transmittedAt'
>

/** Selects sends with the addresses of their chats' peers. */
export const selectSends = (connection: Connection) =>
  connection
    .selectFrom('sends')
    .leftJoin('people as peer', 'peer.id', 'sends.chat_key')
    .selectAll('sends')
    .select(['peer.lid as peer_lid', 'peer.phone as peer_phone'])

export type SendRow = Awaited<ReturnType<ReturnType<typeof selectSends>['execute']>>[number]

export function storedSend(row: SendRow): StoredSend {
  const { id, org, account, seq, bytes, status } = row
  return {
    id,
    org,
    account,
    seq,
    bytes,
    status,
    messageId: row.message_id,
    chat: chatOf(row.chat_key, { lid: row.peer_lid, phone: row.peer_phone }),
    chatKey: row.chat_key,
    stanzaId: row.stanza_id,
    content: JSON.parse(row.content) as OutboundContent,
    rejectedCode: row.rejected_code,
    rejectedReason: row.rejected_reason,
    remark: row.remark,
    acceptedAt: row.accepted_at,
    class: row.class,
    notBefore: row.not_before,
    gapMs: row.gap_ms,
    expiresAt: row.expires_at,
    transmittedAt: row.transmitted_at,
    textHash: row.text_hash,
    held: row.held,
    askFirst: row.ask_first === 1,
  }
}

/** Stores a send, with its first change. Needs a transaction. */
export async function addSend(transaction: Connection, send: NewSend): Promise<void> {
  const row: SendTable = {
    id: send.id,
    org: send.org,
    account: send.account,
    seq: send.seq,
    message_id: send.messageId,
    chat_key: send.chatKey,
    stanza_id: send.stanzaId,
    content: JSON.stringify(send.content),
    bytes: null,
    status: 'accepted',
    rejected_code: null,
    rejected_reason: null,
    remark: null,
    accepted_at: send.acceptedAt,
    class: send.class,
    not_before: send.notBefore,
    gap_ms: send.gapMs,
    expires_at: send.expiresAt,
    transmitted_at: null,
    settled_at: null,
    text_hash: send.textHash,
    held: send.held,
    ask_first: send.askFirst ? 1 : 0,
  }
  await transaction.insertInto('sends').values(row).execute()
  const step = { sendId: send.id, status: 'accepted', ...UNREJECTED, at: send.acceptedAt } as const
  await noteChange(transaction, send.org, step)
}

export async function findSend(connection: Connection, org: OrgId, id: string): Promise<StoredSend | undefined> {
  const row = await selectSends(connection).where('sends.org', '=', org).where('sends.id', '=', id).executeTakeFirst()
  return row && storedSend(row)
}

/** The rendered bytes of a send, the time, and after how many seconds the message disappears; null or missing if it stays. */
export type Transmitted = {
  readonly bytes: Uint8Array
  readonly remark: Remark | null
  readonly at: number
  readonly expiresInSeconds?: number | null
}

/**
 * Records the first transmission of a send, with its rendered bytes: every transmission sends these bytes. False if the send has
 * ended in the meantime; the caller must not transmit it then. Needs a transaction.
 */
export async function noteTransmission(
  connection: Connection,
  id: string,
  { bytes, remark, at, expiresInSeconds = null }: Transmitted,
): Promise<boolean> {
  const { numUpdatedRows } = await connection
    .updateTable('sends')
    .set({ bytes, remark, transmitted_at: at })
    .where('id', '=', id)
    .where('status', '=', 'accepted')
    .where('transmitted_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  const forgetAt = forgetAtOf({ sentAt: at, expiresInSeconds })
  await overwriteFor(connection, forgetAt)
  await connection
    .updateTable('messages')
    .set({ expires_in: expiresInSeconds, forget_at: forgetAt })
    .where('id', '=', row => row.selectFrom('sends').select('message_id').where('sends.id', '=', id))
    .execute()
  return true
}

const UNREJECTED: Rejection = { code: null, reason: null }

/** The statuses that each status may follow; a status never goes back. */
const BEFORE = {
  sent: ['accepted'],
  rejected: ['accepted'],
  delivered: ['accepted', 'sent'],
  read: ['accepted', 'sent', 'delivered'],
  expired: ['accepted'],
  cancelled: ['accepted'],
} as const satisfies Record<Exclude<DeliveryStatus, 'accepted'>, readonly DeliveryStatus[]>

/** Identifies a send within its org. */
export type SendKey = Pick<Delivery, 'org' | 'id' | 'messageId'>

/**
 * Advances a send and its message to the outcome of a transmission; does nothing if the send is already further. Needs a
 * transaction.
 */
export async function settleSend(
  transaction: Connection,
  send: SendKey,
  outcome: Exclude<TransmitOutcome, { outcome: 'unknown' | 'deferred' }>,
): Promise<void> {
  if (outcome.outcome === 'sent') {
    await advance(transaction, send, { status: 'sent', ...UNREJECTED, outcome: 'sent' })
  } else if (outcome.code === null) {
    await abandonSend(transaction, send, outcome.reason)
  } else {
    const { code } = outcome
    await advance(transaction, send, { status: 'rejected', code, reason: null, outcome: `rejected: ${code}` })
  }
}

/** Rejects a send that cannot be made, and stores the reason with its message. Needs a transaction. */
export async function abandonSend(transaction: Connection, send: SendKey, reason: RejectedReason): Promise<void> {
  await advance(transaction, send, { status: 'rejected', code: null, reason, outcome: `rejected: ${reason}` })
}

/** Ends a send that was never transmitted; false if it was transmitted or has ended. Needs a transaction. */
export async function withdrawSend(
  transaction: Connection,
  send: SendKey,
  status: 'expired' | 'cancelled',
): Promise<boolean> {
  return (
    (await isUntransmitted(transaction, send)) && advance(transaction, send, { status, ...UNREJECTED, outcome: status })
  )
}

/**
 * Cancels a send that was never transmitted, because a person has taken over its chat; false if it was transmitted or has ended.
 * Needs a transaction.
 */
export async function takeBackSend(transaction: Connection, send: SendKey): Promise<boolean> {
  const step = { status: 'cancelled', code: null, reason: 'human_takeover', outcome: 'cancelled' } as const
  return (await isUntransmitted(transaction, send)) && advance(transaction, send, step)
}

/**
 * Ends a send because its content has disappeared: it is not transmitted any more, neither again nor for the first time. Needs a
 * transaction.
 */
export async function letGo(transaction: Connection, send: SendKey): Promise<void> {
  const reason = 'disappeared'
  if (!(await isUntransmitted(transaction, send))) return abandonSend(transaction, send, reason)
  await advance(transaction, send, { status: 'cancelled', code: null, reason, outcome: 'cancelled' })
}

async function isUntransmitted(transaction: Connection, { id }: SendKey): Promise<boolean> {
  const row = await transaction
    .selectFrom('sends')
    .select('transmitted_at')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row.transmitted_at === null
}

type Step = Rejection & { readonly status: keyof typeof BEFORE; readonly outcome: Outcome }

async function advance(
  transaction: Connection,
  send: SendKey,
  { status, code, reason, outcome }: Step,
): Promise<boolean> {
  const at = Date.now()
  const { numUpdatedRows } = await transaction
    .updateTable('sends')
    .set({ status, rejected_code: code, rejected_reason: reason, settled_at: at })
    .where('id', '=', send.id)
    .where('status', 'in', BEFORE[status])
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await setOutcome(transaction, send.messageId, outcome)
  await noteChange(transaction, send.org, { sendId: send.id, status, code, reason, at })
  return true
}

/** Stores a recipient's receipt for one of our messages; ignores a receipt for a stanza that is not ours. Needs a transaction. */
export async function noteReceipt(
  transaction: Connection,
  key: AccountKey,
  receipt: { stanzaId: string; receipt: 'delivered' | 'read' },
): Promise<void> {
  const send = await transaction
    .selectFrom('sends')
    .select(['org', 'id', 'message_id as messageId'])
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('stanza_id', '=', receipt.stanzaId)
    .executeTakeFirst()
  if (send) await advance(transaction, send, { status: receipt.receipt, ...UNREJECTED, outcome: receipt.receipt })
}

/** The unsettled sends of an account that were accepted while another number than `phone` was linked. */
export function listForeignSends(connection: Connection, key: AccountKey, phone: Phone): Promise<SendKey[]> {
  return connection
    .selectFrom('sends')
    .innerJoin('messages', 'messages.id', 'sends.message_id')
    .innerJoin('people', 'people.id', 'messages.sender_id')
    .select(['sends.org', 'sends.id', 'sends.message_id as messageId'])
    .where('sends.org', '=', key.org)
    .where('sends.account', '=', key.account)
    .where('sends.status', '=', 'accepted')
    .where('sends.settled_at', 'is', null)
    .where('people.phone', '<>', phone)
    .execute()
}
