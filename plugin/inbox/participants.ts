import type { RatedMessage } from '../safeguards/rate-limit.ts'
import type { Judged, MatchInput } from '../contract/binding.ts'
import { textOf } from '../contract/content.ts'
import type { AccountKey, Chat, Person } from '../contract/ids.ts'
import type { InboundMessage } from '../contract/message.ts'
import type { StoredMessage } from '../store/messages/messages.ts'
import type { ChatKey, PersonId } from '../store/sql/schema.ts'

/** The people of a message, each with all known addresses. */
export type Participants = {
  readonly sender: Person & { readonly id: PersonId }
  readonly receiver: Person & { readonly id: PersonId }
  readonly chat: Chat
  readonly chatKey: ChatKey
}

/** What is judged. `asked`: a person asked for it, so no budget applies. */
export type MatchCase = MatchInput &
  Omit<RatedMessage, keyof AccountKey> &
  Pick<StoredMessage, 'content' | 'edits' | 'receivedAt'> & {
    readonly asked: boolean
    /** The message was within its budgets when it arrived. */
    readonly counted?: boolean
    /** null if the message is not stored yet. */
    readonly id: string | null
  }

/** What bindings are asked about an inbound message. */
export const matchCaseOf = (
  { content, edits, mentioned, forwarded, sentAt, receivedAt }: InboundMessage,
  cast: Participants,
): MatchCase => ({
  id: null,
  content,
  edits,
  receivedAt,
  ...cast,
  text: textOf(content),
  mentioned,
  claimed: { forwarded: Boolean(forwarded) },
  sentAt,
  senderId: cast.sender.id,
  asked: false,
})

const addressesOf = ({ lid, phone }: Person): Person => ({ lid, phone })

/** The addresses and the version of the bindings by which a message was judged. */
export const judgedBy = (change: number, { chat, sender, receiver }: MatchInput): Judged => ({
  change,
  sender: addressesOf(sender),
  receiver: addressesOf(receiver),
  peer: chat.kind === 'direct' ? addressesOf(chat.peer) : null,
})
