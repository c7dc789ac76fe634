import type { RatedMessage } from '../safeguards/rate-limit.ts'
import type { Judged, MatchInput } from '../contract/binding.ts'
import { textOf } from '../contract/content.ts'
import type { AccountKey, Chat, Person } from '../contract/ids.ts'
import type { InboundMessage } from '../contract/message.ts'
import type { StoredMessage } from '../store/messages/messages.ts'
import type { ChatKey, PersonId } from '../store/sql/schema.ts'

/** The people of a message, each with all addresses that are known. */
export type Participants = {
  readonly sender: Person & { readonly id: PersonId }
  readonly receiver: Person & { readonly id: PersonId }
  readonly chat: Chat
  readonly chatKey: ChatKey
}

/** What is judged; `asked` by a person, for whom there is no budget. */
export type MatchCase = MatchInput &
  Omit<RatedMessage, keyof AccountKey> &
  Pick<StoredMessage, 'content' | 'edits' | 'receivedAt'> & {
    readonly asked: boolean
    /** It was found to be within its budgets when it came. */
    readonly counted?: boolean
    /** Null for what is not kept yet. */
    readonly id: string | null
  }

/** What bindings are asked about a message that came in. */
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

/** What a message was judged by. */
export const judgedBy = (change: number, { chat, sender, receiver }: MatchInput): Judged => ({
  change,
  sender: addressesOf(sender),
  receiver: addressesOf(receiver),
  peer: chat.kind === 'direct' ? addressesOf(chat.peer) : null,
})
