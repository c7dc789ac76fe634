import type { Person } from './ids.ts'

/** The kinds of files that phones distinguish. `gif` is a silent video that loops, `video_note` a round one. */
export const MEDIA_KINDS = ['image', 'video', 'gif', 'video_note', 'audio', 'voice', 'document', 'sticker'] as const
/** One of {@link MEDIA_KINDS}. */
export type MediaKind = (typeof MEDIA_KINDS)[number]

/** A file as its sender describes it; its real type and size are known once it is downloaded. */
export type Attachment = {
  readonly kind: MediaKind
  /** The media type that the sender claims; null if there is none. */
  readonly mime: string | null
  /** The size that the sender claims, in bytes; null if there is none. */
  readonly sizeBytes: number | null
  /** Without folders, control or invisible characters, at most 120 characters; null if there is none. */
  readonly fileName: string | null
  /** The playing time; null if the file does not play, and if the sender did not say. */
  readonly seconds: number | null
  /** Whether the sender wants it to be viewed only once. */
  readonly viewOnce: boolean
  /** The stanza id of its album; null if the file belongs to none. */
  readonly album: string | null
}

/** A point on the globe, WGS 84, in degrees. */
export type Place = {
  /** -90 to 90 */
  readonly latitude: number
  /** -180 to 180 */
  readonly longitude: number
  /** The place is within this radius, in metres; null if the sender did not say. */
  readonly accuracyMetres: number | null
  readonly name: string | null
  readonly address: string | null
}

/** A contact card, reduced to the useful parts of its vCard. */
export type ContactCard = {
  readonly name: string
  /** As written on the card; those on WhatsApp as `+<country code><number>`. */
  readonly phones: readonly string[]
}

/** A change of a group. `left`: a member left; `removed`: a member was removed by somebody. */
export type GroupChange =
  'created' | 'added' | 'joined' | 'left' | 'removed' | 'promoted' | 'demoted' | 'subject' | 'description'

/** An amount as the sender states it: it does not prove a payment. `thousandths` of one unit of the currency (ISO 4217). */
export type Money = { readonly currency: string; readonly thousandths: number }

/** One answer in a form: the field name that the form's author chose, and the sender's value. */
export type FormAnswer = { readonly name: string; readonly value: string }

/** A response to an event. `unknown`: a response that this version has no name for. */
export type EventAnswer = 'going' | 'not_going' | 'maybe' | 'unknown'

/** What can be sealed (encrypted) with the secret of the message that it refers to. */
export type SealedWords = 'edit' | 'reaction' | 'comment' | 'event_response'

/**
 * Why sealed content could not be decrypted. `secret_unknown`: the message that it refers to did not arrive here, has no secret,
 * or is older than 90 days; `not_opened`: the secret of that message does not decrypt it; `malformed`: a part is missing, or the
 * content is nothing that phones seal.
 */
export const SEALED_REASONS = ['secret_unknown', 'not_opened', 'malformed'] as const
/** One of {@link SEALED_REASONS}. */
export type SealedReason = (typeof SEALED_REASONS)[number]

/** A button or an option in a business message. `id` is sent back when somebody chooses it; null if it only opens something. */
export type Offer = { readonly title: string; readonly description: string; readonly id: string | null }

/** The layout of an automated business message. `rich`: from an assistant of Meta. */
export const BUSINESS_FORMS = ['template', 'structured', 'interactive', 'buttons', 'list', 'rich'] as const
/** One of {@link BUSINESS_FORMS}. */
export type BusinessForm = (typeof BUSINESS_FORMS)[number]

/**
 * The content of a message. All texts and names in it are the sender's own words. A kind that the channel does not support is
 * `unsupported`, with WhatsApp's name for it.
 */
export type MessageContent =
  | { readonly kind: 'text'; readonly text: string }
  /** `caption` is empty when there is none. */
  | { readonly kind: 'media'; readonly media: Attachment; readonly caption: string }
  /** Announces this many images and videos; each follows as a message of its own that names this one as its album. */
  | { readonly kind: 'album'; readonly images: number; readonly videos: number }
  /** `live`: the sender keeps sharing their position; `comment` is empty if there is none. */
  | { readonly kind: 'location'; readonly place: Place; readonly live: boolean; readonly comment: string }
  | { readonly kind: 'contacts'; readonly contacts: readonly ContactCard[] }
  /** `most`: how many options may be chosen; 0: any number. */
  | { readonly kind: 'poll'; readonly question: string; readonly options: readonly string[]; readonly most: number }
  /** `target` is the stanza id of the poll. `options` is null if the poll is not known here, and empty if a vote was withdrawn. */
  | { readonly kind: 'poll_vote'; readonly target: string; readonly options: readonly string[] | null }
  /** Instants are ms UTC. */
  | {
      readonly kind: 'event'
      readonly name: string
      readonly description: string
      readonly startsAt: number | null
      readonly endsAt: number | null
      readonly place: Place | null
      /** The sender's name for the place, which may be no place on the globe; absent in messages that an earlier version stored. */
      readonly where?: string
      /** The link for taking part remotely; null if there is none. Absent in the same cases as `where`. */
      readonly link?: string | null
      readonly cancelled: boolean
    }
  /** An empty `emoji` removes the reaction. `target` is the stanza id of the message reacted to. */
  | { readonly kind: 'reaction'; readonly emoji: string; readonly target: string }
  /**
   * The sender took a message back; `target` is its stanza id. `author`: who wrote that message, if not the sender; it only
   * counts if the sender is an admin of the group.
   */
  | { readonly kind: 'revoke'; readonly target: string; readonly author?: Person }
  /** `people` are the members concerned; `text` is the new subject or description, else empty. */
  | {
      readonly kind: 'group_change'
      readonly change: GroupChange
      readonly people: readonly Person[]
      readonly text: string
    }
  /**
   * Somebody tapped a button, chose from a list or filled in a form. `text` is the label that they saw, else the id; `id` is the
   * id that the offer had, null if it had none; `answers` is empty except for forms.
   */
  | {
      readonly kind: 'choice'
      readonly text: string
      readonly description: string
      readonly id: string | null
      readonly answers: readonly FormAnswer[]
    }
  /** A cart that somebody sends; WhatsApp reveals only the number of pieces in it. `note` is empty if there is none. */
  | {
      readonly kind: 'order'
      readonly id: string | null
      readonly title: string
      readonly items: number | null
      readonly total: Money | null
      readonly note: string
    }
  /** A product of a catalogue, and the sender's words about it (`text`); texts are empty if there are none. */
  | {
      readonly kind: 'product'
      readonly id: string | null
      readonly title: string
      readonly description: string
      readonly price: Money | null
      readonly url: string | null
      readonly text: string
    }
  /** A comment on another message; `target` is the stanza id of that message. */
  | { readonly kind: 'comment'; readonly target: string; readonly text: string }
  /** A request for money, an invoice, or a payment made through WhatsApp. `note` is empty if there is none. */
  | {
      readonly kind: 'payment'
      readonly what: 'request' | 'sent' | 'invoice'
      readonly amount: Money | null
      readonly note: string
    }
  /** An automated message of a business. `text` is its whole text, title and footer included. */
  | {
      readonly kind: 'business'
      readonly form: BusinessForm
      readonly text: string
      readonly offers: readonly Offer[]
    }
  /** A response to an event; `target` is the event's stanza id; `guests`: how many people they bring. */
  | {
      readonly kind: 'event_response'
      readonly target: string
      readonly response: EventAnswer
      readonly guests: number
    }
  /**
   * Sealed content about the message `target` that could not be decrypted; an entry of the same identity follows when that
   * message arrives.
   */
  | {
      readonly kind: 'sealed'
      readonly what: SealedWords
      readonly target: string | null
      readonly reason: SealedReason
    }
  /** Somebody calls the linked number. */
  | { readonly kind: 'call'; readonly video: boolean }
  /** A view-once message: only the phone can show it, once, and its content is unknown here. */
  | { readonly kind: 'view_once' }
  /** The message disappeared from its chat and its content was deleted. */
  | { readonly kind: 'forgotten' }
  /** The message could not be decrypted yet; an entry of the same identity follows when a retry succeeds. */
  | { readonly kind: 'undecryptable' }
  /** `caption` is the text that came with it, empty if there is none. `type` is `unknown` if not even its name is known. */
  | { readonly kind: 'unsupported'; readonly type: string; readonly caption: string }

/** The text that rules and agents get: what the sender wrote, including captions, questions and comments; else empty. */
export function textOf(content: MessageContent): string {
  switch (content.kind) {
    case 'text':
    case 'product':
    case 'comment':
    case 'business':
      return content.text
    case 'choice':
      return [content.text, ...content.answers.map(({ name, value }) => `${name}: ${value}`)]
        .filter(each => each !== '')
        .join('\n')
    case 'order':
    case 'payment':
      return content.note
    case 'media':
    case 'unsupported':
      return content.caption
    case 'location':
      return content.comment
    case 'poll':
      return content.question
    case 'event':
      return content.name
    case 'album':
    case 'call':
    case 'contacts':
    case 'event_response':
    case 'forgotten':
    case 'group_change':
    case 'poll_vote':
    case 'reaction':
    case 'revoke':
    case 'sealed':
    case 'undecryptable':
    case 'view_once':
      return ''
  }
}
