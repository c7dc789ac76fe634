import type { Delivery, DeliveryStatus, OutboundContent, TransmitOutcome } from '../contract/delivery.ts'
import type { AccountKey, OrgId, Phone } from '../contract/ids.ts'
import type { Connection } from './database.ts'
import { chatOf, setOutcome } from './messages.ts'
import type { ChatKey, Outcome, SendTable } from './schema.ts'

/** A send as it is kept: a delivery, and its bytes once they were rendered. */
export type StoredSend = Delivery & {
  readonly chatKey: ChatKey
  readonly seq: number
  readonly bytes: Uint8Array | null
}

/** What is told of a send for it to be kept. */
export type NewSend = Omit<StoredSend, 'chat' | 'bytes' | 'status' | 'rejectedCode'>

const sends = (connection: Connection) =>
  connection
    .selectFrom('sends')
    .leftJoin('people as peer', 'peer.id', 'sends.chat_key')
    .selectAll('sends')
    .select(['peer.lid as peer_lid', 'peer.phone as peer_phone'])

type Row = Awaited<ReturnType<ReturnType<typeof sends>['execute']>>[number]

function stored(row: Row): StoredSend {
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
    acceptedAt: row.accepted_at,
  }
}

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
    accepted_at: send.acceptedAt,
  }
  await transaction.insertInto('sends').values(row).execute()
}

export async function findSend(connection: Connection, org: OrgId, id: string): Promise<StoredSend | undefined> {
  const row = await sends(connection).where('sends.org', '=', org).where('sends.id', '=', id).executeTakeFirst()
  return row && stored(row)
}

/** The first unsettled send of each chat of an account, oldest first; those of `except` and their chats are left out. */
export async function nextSends(
  connection: Connection,
  key: AccountKey,
  page: { except: readonly string[]; limit: number },
): Promise<StoredSend[]> {
  const firstOfChats = connection
    .selectFrom('sends')
    .select(({ fn }) => fn.min('seq').as('head'))
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('status', '=', 'accepted')
    .groupBy('chat_key')
  const heads = sends(connection)
    .where('sends.org', '=', key.org)
    .where('sends.seq', 'in', firstOfChats)
    .orderBy('sends.seq')
    .limit(page.limit)
  const rows = await (page.except.length > 0 ? heads.where('sends.id', 'not in', page.except) : heads).execute()
  return rows.map(stored)
}

/** Keeps what was rendered: every transmission of this send writes these bytes. */
export async function keepBytes(connection: Connection, id: string, bytes: Uint8Array): Promise<void> {
  await connection.updateTable('sends').set({ bytes }).where('id', '=', id).execute()
}

/** What a status may follow on; it never goes back. */
const BEFORE = {
  sent: ['accepted'],
  rejected: ['accepted'],
  delivered: ['accepted', 'sent'],
  read: ['accepted', 'sent', 'delivered'],
} as const satisfies Record<Exclude<DeliveryStatus, 'accepted'>, readonly DeliveryStatus[]>

/** Moves a send forward, and its message with it; nothing happens when it is further already. Needs a transaction. */
export async function settleSend(
  transaction: Connection,
  send: { id: string; messageId: string },
  outcome: Exclude<TransmitOutcome, { outcome: 'unknown' }>,
): Promise<void> {
  const code = outcome.outcome === 'rejected' ? outcome.code : null
  await advance(transaction, send, {
    status: outcome.outcome,
    code,
    outcome: code === null ? 'sent' : `rejected: ${code}`,
  })
}

/** Gives up a send that cannot be made, and says why on its message. Needs a transaction. */
export async function abandonSend(
  transaction: Connection,
  send: { id: string; messageId: string },
  reason: string,
): Promise<void> {
  await advance(transaction, send, { status: 'rejected', code: null, outcome: `rejected: ${reason}` })
}

type Step = { status: keyof typeof BEFORE; code: number | null; outcome: Outcome }

async function advance(transaction: Connection, send: { id: string; messageId: string }, step: Step): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable('sends')
    .set({ status: step.status, rejected_code: step.code })
    .where('id', '=', send.id)
    .where('status', 'in', BEFORE[step.status])
    .executeTakeFirst()
  if (numUpdatedRows > 0n) await setOutcome(transaction, send.messageId, step.outcome)
}

/** Notes a recipient's receipt for one of our messages; of a stanza that is not ours it says nothing. Needs a transaction. */
export async function noteReceipt(
  transaction: Connection,
  key: AccountKey,
  receipt: { stanzaId: string; receipt: 'delivered' | 'read' },
): Promise<void> {
  const send = await transaction
    .selectFrom('sends')
    .select(['id', 'message_id as messageId'])
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('stanza_id', '=', receipt.stanzaId)
    .executeTakeFirst()
  if (send) await advance(transaction, send, { status: receipt.receipt, code: null, outcome: receipt.receipt })
}

/** The unsettled sends of an account that were accepted while another number than `phone` was linked. */
export function listForeignSends(
  connection: Connection,
  key: AccountKey,
  phone: Phone,
): Promise<{ id: string; messageId: string }[]> {
  return connection
    .selectFrom('sends')
    .innerJoin('messages', 'messages.id', 'sends.message_id')
    .innerJoin('people', 'people.id', 'messages.sender_id')
    .select(['sends.id', 'sends.message_id as messageId'])
    .where('sends.org', '=', key.org)
    .where('sends.account', '=', key.account)
    .where('sends.status', '=', 'accepted')
    .where('people.phone', '<>', phone)
    .execute()
}
