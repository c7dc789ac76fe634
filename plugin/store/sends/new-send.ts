import type { OutboundContent, SendClass } from '../../contract/delivery.ts'
import type { AccountKey } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import type { ChatKey, PersonId } from '../sql/schema.ts'
import type { StoredSend } from './sends.ts'

/** A message to send: as whom, where, and the id under which it is sent once. */
export type NewSend = AccountKey & {
  readonly id: string
  readonly from: PersonId
  readonly chatKey: ChatKey
  readonly content: OutboundContent
  readonly class: SendClass
  /** Its place among the replies of its turn; null for what is no reply. */
  readonly replyIndex: number | null
  /** The message that it answers; missing for what is no reply. */
  readonly answers?: string
  /** How long its question waited for more of it: so much of the time to type it is over. */
  readonly waitedMs?: number
  /** It may speak first, though it is no send of an API caller: WhatsApp is asked for the number as for theirs. */
  readonly askFirst?: true
}

/** Stores a message and its send within a transaction. Once that is committed, the outbox is told of the send. */
export type Enqueue = (transaction: Connection, message: NewSend) => Promise<StoredSend>

/** What those who have something sent need of the outbox: `accepted` is told of what a transaction enqueued once that is committed. */
export type SendQueue = { readonly enqueue: Enqueue; readonly accepted: (...sends: readonly StoredSend[]) => void }
