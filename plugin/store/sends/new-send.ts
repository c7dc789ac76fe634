import type { OutboundContent, SendClass } from '../../contract/delivery.ts'
import type { AccountKey } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import type { ChatKey, PersonId } from '../sql/schema.ts'
import type { StoredSend } from './sends.ts'

/** A message to send: the sender, the chat, and the id that makes it be sent only once. */
export type NewSend = AccountKey & {
  readonly id: string
  readonly from: PersonId
  readonly chatKey: ChatKey
  readonly content: OutboundContent
  readonly class: SendClass
  /** Its position among the replies of its turn; null if it is not a reply. */
  readonly replyIndex: number | null
  /** The message that it answers; missing if it is not a reply. */
  readonly answers?: string
  /** How long the question waited for more messages; this is deducted from the typing time. */
  readonly waitedMs?: number
  /** The send may start a chat although no API caller requested it: the number is looked up first, as for API sends. */
  readonly askFirst?: true
}

/** Stores a message and its send within a transaction. After the commit, the caller tells the outbox of the send. */
export type Enqueue = (transaction: Connection, message: NewSend) => Promise<StoredSend>

/** What senders need from the outbox. Call `accepted` with the sends of a transaction once it is committed. */
export type SendQueue = { readonly enqueue: Enqueue; readonly accepted: (...sends: readonly StoredSend[]) => void }
