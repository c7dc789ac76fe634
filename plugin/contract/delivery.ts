import { LOOKUP_WAITS } from './contact.ts'
import type { MediaKind } from './content.ts'
import type { AccountKey, AccountName, Chat } from './ids.ts'
import type { MessageKey } from './message.ts'
import type { RejectedReason } from './rejection.ts'

/** A message of the same chat: WhatsApp's stanza id, its sender's address, and whether we sent it. */
export type Target = {
  readonly stanzaId: string
  readonly fromMe: boolean
  readonly sender: string
  /** As it was when the message arrived; missing for messages that we sent, and for those that an earlier version stored. */
  readonly key?: MessageKey
}

/** The message that a send answers, and the text that is shown of it. */
export type Quote = Target & { readonly text: string }

/** What a message may carry in addition: a quote and mentions. */
export type Remarks = {
  readonly quote?: Quote
  /** Addresses of people. Where the text contains `@` and one of them, phones show that person's name. */
  readonly mentions?: readonly string[]
}

/** A file of the host's store that is to be sent. */
export type OutboundFile = {
  readonly kind: MediaKind
  /** `art_…` */
  readonly artifact: string
  /** The media type that is announced to phones. */
  readonly mime: string
  /** Null when it has none. */
  readonly fileName: string | null
  readonly sizeBytes: number
  /** In hex. */
  readonly sha256: string
}

/**
 * How a sent message differs from the requested one. `sent_as_audio`: the file was sent as audio and not as a voice note, because
 * ffmpeg is missing or cannot read it.
 */
export const REMARKS = ['sent_as_audio'] as const
export type Remark = (typeof REMARKS)[number]

/** The content of an outgoing message. */
export type OutboundContent =
  | ({ readonly kind: 'text'; readonly text: string } & Remarks)
  /** `caption` is empty when there is none. */
  | ({ readonly kind: 'media'; readonly file: OutboundFile; readonly caption: string } & Remarks)
  /** An empty `emoji` takes the reaction back. */
  | { readonly kind: 'reaction'; readonly emoji: string; readonly target: Target }
  | ({
      readonly kind: 'location'
      readonly latitude: number
      readonly longitude: number
      readonly name: string
      readonly address: string
    } & Remarks)
  | ({ readonly kind: 'contact'; readonly name: string; readonly phone: string } & Remarks)
  /** `most`: how many options may be chosen; 0: any number. */
  | ({
      readonly kind: 'poll'
      readonly question: string
      readonly options: readonly string[]
      readonly most: number
    } & Remarks)
  /** Replaces the text of one of our messages. */
  | { readonly kind: 'edit'; readonly text: string; readonly target: Target }
  /** Deletes one of our messages for everybody. */
  | { readonly kind: 'delete'; readonly target: Target }
  /** The message disappeared from its chat and its content was deleted; nothing of it is sent any more. */
  | { readonly kind: 'forgotten' }

/**
 * The status of a send. `accepted`: its row is durable. `sent`: WhatsApp's server acked it. `delivered` and `read`: the
 * recipient's receipts arrived. `rejected`: the server refused it, or we did; it is not retried. `expired`: it was not sent in
 * time. `cancelled`: somebody took it back before it was transmitted.
 */
export type DeliveryStatus = 'accepted' | 'sent' | 'delivered' | 'read' | 'rejected' | 'expired' | 'cancelled'

/** One outgoing message, from its acceptance to its end. */
export type Delivery = AccountKey & {
  /** `snd_<ulid>`; a reply's id is derived from its turn, so that a repeated turn sends nothing twice. */
  readonly id: string
  /** The id of the message it became: `msg_<ulid>`. */
  readonly messageId: string
  readonly chat: Chat
  /** WhatsApp's id for it, derived from the send's id: the same for every transmission. */
  readonly stanzaId: string
  readonly content: OutboundContent
  readonly status: DeliveryStatus
  /** WhatsApp's code if WhatsApp refused it, else null. */
  readonly rejectedCode: number | null
  /** Our reason if we refused it, else null. */
  readonly rejectedReason: RejectedReason | null
  /** Null if it was sent as requested, and until it is sent. */
  readonly remark: Remark | null
  /** ms UTC */
  readonly acceptedAt: number
}

/** The delivery that a request became; `more` are the further messages of a long text, in order. */
export type AcceptedSend = Delivery & { readonly more: readonly Delivery[] }

/**
 * Which pacing rules apply to a send: an agent's reply, a message to a person who has written to us (`proactive`) or never has
 * (`cold`), or any message in a group.
 */
export type SendClass = 'reply' | 'proactive' | 'cold' | 'group'

/** `link`: the account has to connect to WhatsApp first. The others: it is not known yet whether WhatsApp has the number. */
export const SEND_WAITS = ['link', ...LOOKUP_WAITS] as const
export type SendWait = (typeof SEND_WAITS)[number]

/** What an accepted send can expect; all null once it was sent or has ended. */
export type Prospect = {
  /** How many sends of the same account and class were accepted earlier and still wait; 0: it is next. */
  readonly position: number | null
  /** The send does not start before this; ms UTC. Also null while only a person or a setting can release it. */
  readonly earliestAt: number | null
  /** Why the send waits for a person: the same text was sent to many chats within the hour. */
  readonly held: 'same_text' | null
  /** What the send waits for besides its position; null: nothing. */
  readonly waitsFor: SendWait | null
}

/**
 * The recipient's name: the name in their last message, or the subject that the group had when the send was accepted. Recipients
 * choose it, so it may be anything. Null: not known.
 */
export type ToNamed = { readonly toName: string | null }

/** A send as people see it: with what it can expect, and the recipient's name. */
export type ShownSend = Delivery & Prospect & ToNamed

/** A send in a list: also with the pacing rules that apply to it. */
export type ListedSend = ShownSend & { readonly class: SendClass }

/** Selects a page of sends: newest first; `before`: only older ones than this send; of one account, or of all if it is null. */
export type SendPage = {
  readonly account: AccountName | null
  readonly status: DeliveryStatus | null
  readonly limit: number
  readonly before: string | null
}

/** One status change of a send. */
export type DeliveryChange = {
  readonly id: string
  readonly account: AccountName
  readonly messageId: string
  readonly chat: Chat
  readonly status: DeliveryStatus
  readonly rejectedCode: number | null
  readonly rejectedReason: RejectedReason | null
  /** ms UTC */
  readonly at: number
}

/**
 * How a transmission ended. `rejected` with a code: by WhatsApp; with a reason of ours: nothing was written. `unknown`: the
 * message may have been written, but was not acked; the same bytes are sent again. `deferred`: WhatsApp refused the message for
 * lack of a token that may still arrive. Transmit it again in `forMs` (at most 2 s); after 10 s of waiting, this makes its one
 * second transmission.
 */
export type TransmitOutcome =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'rejected'; readonly code: number }
  | { readonly outcome: 'rejected'; readonly code: null; readonly reason: RejectedReason }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'deferred'; readonly forMs: number }
