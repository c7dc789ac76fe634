import { LOOKUP_WAITS } from './contact.ts'
import type { MediaKind } from './content.ts'
import type { AccountKey, AccountName, Chat } from './ids.ts'
import type { MessageKey } from './message.ts'
import type { RejectedReason } from './rejection.ts'

/** A message of the same chat, by WhatsApp's stanza id, its sender's address and whether it was ours. */
export type Target = {
  readonly stanzaId: string
  readonly fromMe: boolean
  readonly sender: string
  /** As it came; missing for what we sent, and for what an earlier version kept. */
  readonly key?: MessageKey
}

/** The message that something answers, and what is shown of it. */
export type Quote = Target & { readonly text: string }

/** What a thing that is said may carry along. */
export type Remarks = {
  readonly quote?: Quote
  /** Addresses of people. Where the text has `@` and one of them, phones show that person's name. */
  readonly mentions?: readonly string[]
}

/** A file that the host keeps and that is to be sent. */
export type OutboundFile = {
  readonly kind: MediaKind
  /** `art_…` */
  readonly artifact: string
  /** What phones are told that it is. */
  readonly mime: string
  /** Null when it has none. */
  readonly fileName: string | null
  readonly sizeBytes: number
  /** In hex. */
  readonly sha256: string
}

/**
 * In what something that is sent differs from what was to be sent. `sent_as_audio`: a voice note that could not be made
 * one, for want of ffmpeg or because it cannot read the file.
 */
export const REMARKS = ['sent_as_audio'] as const
export type Remark = (typeof REMARKS)[number]

/** What is to be said. */
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
  /** `most`: how many options may be chosen; 0: as many as one likes. */
  | ({
      readonly kind: 'poll'
      readonly question: string
      readonly options: readonly string[]
      readonly most: number
    } & Remarks)
  /** Another text in the place of one of ours. */
  | { readonly kind: 'edit'; readonly text: string; readonly target: Target }
  /** One of ours is taken back, for all. */
  | { readonly kind: 'delete'; readonly target: Target }
  /** It has disappeared from its chat, and what it said is forgotten: nothing of it goes out any more. */
  | { readonly kind: 'forgotten' }

/**
 * How far a send has come. `accepted`: its row is durable. `sent`: WhatsApp's server acknowledged it. `delivered` and
 * `read`: the recipient's receipts. `rejected`: the server refused it, or we did; it is not tried again. `expired`: it was
 * not sent in time. `cancelled`: somebody took it back before it was transmitted.
 */
export type DeliveryStatus = 'accepted' | 'sent' | 'delivered' | 'read' | 'rejected' | 'expired' | 'cancelled'

/** One thing to say, from its acceptance to its end. */
export type Delivery = AccountKey & {
  /** `snd_<ulid>`; a reply's is derived from its turn, so that a turn run again says nothing twice. */
  readonly id: string
  /** The id of the message it became: `msg_<ulid>`. */
  readonly messageId: string
  readonly chat: Chat
  /** WhatsApp's id for it, derived from the send's id: the same for every transmission. */
  readonly stanzaId: string
  readonly content: OutboundContent
  readonly status: DeliveryStatus
  /** WhatsApp's code when it refused it, else null. */
  readonly rejectedCode: number | null
  /** Our reason when we refused it, else null. */
  readonly rejectedReason: RejectedReason | null
  /** Null when it is what was asked for, and until it has gone out. */
  readonly remark: Remark | null
  /** ms UTC */
  readonly acceptedAt: number
}

/** What a request was accepted as; `more` are the further messages of a long text, in order. */
export type AcceptedSend = Delivery & { readonly more: readonly Delivery[] }

/**
 * Which rules space a send out: an agent's answer, something said to a person who has written to us or to one who never
 * has, or anything said in a group.
 */
export type SendClass = 'reply' | 'proactive' | 'cold' | 'group'

/** `link`: its account is to be connected to WhatsApp; else WhatsApp is not known to have its number yet. */
export const SEND_WAITS = ['link', ...LOOKUP_WAITS] as const
export type SendWait = (typeof SEND_WAITS)[number]

/** What a send that was accepted may expect; all null once it has gone out or ended. */
export type Prospect = {
  /** How many sends of its kind were accepted before it and still wait: 0 is next. */
  readonly position: number | null
  /** Not before this; ms UTC. Null as well while nothing but a person or a setting can let it go. */
  readonly earliestAt: number | null
  /** Why it waits for a person: the same text has gone to many within the hour. */
  readonly held: 'same_text' | null
  /** What it waits for besides its place; null: nothing. */
  readonly waitsFor: SendWait | null
}

/**
 * The name of the recipient: the name in the last message they wrote, or the subject that the group had when the send was accepted.
 * Recipients choose it, so it may be anything. Null: not known.
 */
export type ToNamed = { readonly toName: string | null }

/** A send as it is shown: what may be expected of it, and to whom it goes. */
export type ShownSend = Delivery & Prospect & ToNamed

/** A send in a list of them: also which rules space it out. */
export type ListedSend = ShownSend & { readonly class: SendClass }

/** Which sends are asked for: newest first, those before one when it is named, of all accounts unless one is named. */
export type SendPage = {
  readonly account: AccountName | null
  readonly status: DeliveryStatus | null
  readonly limit: number
  readonly before: string | null
}

/** One step of a send. */
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
 * How a transmission ended. `rejected` with a code: by WhatsApp; with a reason of ours: nothing was written. `unknown`: it was
 * perhaps written and never acknowledged; the same bytes go out again. `deferred`: WhatsApp refused it for want of a token that
 * may be on its way; it is asked for again in `forMs` (at most 2 s), and after 10 s of that its one second transmission is due.
 */
export type TransmitOutcome =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'rejected'; readonly code: number }
  | { readonly outcome: 'rejected'; readonly code: null; readonly reason: RejectedReason }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'deferred'; readonly forMs: number }
