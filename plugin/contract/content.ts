import type { Person } from './ids.ts'

/** The kinds of files that phones tell apart. `gif` is a silent video that loops, `video_note` a round one. */
export const MEDIA_KINDS = ['image', 'video', 'gif', 'video_note', 'audio', 'voice', 'document', 'sticker'] as const
/** One of {@link MEDIA_KINDS}. */
export type MediaKind = (typeof MEDIA_KINDS)[number]

/** A file as its sender describes it: what it really is turns out when it has been downloaded. */
export type Attachment = {
  readonly kind: MediaKind
  /** The media type that the sender claims; null when none was. */
  readonly mime: string | null
  /** The size that the sender claims, in bytes; null when none was. */
  readonly sizeBytes: number | null
  /** Without any folder, control or invisible character, at most 120 characters; null when there is none. */
  readonly fileName: string | null
  /** How long it plays; null for what does not play, and when the sender did not say. */
  readonly seconds: number | null
  /** Whether the sender wants it to be seen once only. */
  readonly viewOnce: boolean
  /** The stanza id of the album that it is part of; null for a file of its own. */
  readonly album: string | null
}

/** A point on the globe, WGS 84, in degrees. */
export type Place = {
  /** -90 to 90 */
  readonly latitude: number
  /** -180 to 180 */
  readonly longitude: number
  /** The radius in metres within which it is; null when the sender did not say. */
  readonly accuracyMetres: number | null
  readonly name: string | null
  readonly address: string | null
}

/** A contact card: of its vCard only what is of use. */
export type ContactCard = {
  readonly name: string
  /** As the card has them, those on WhatsApp as `+<country code><number>`. */
  readonly phones: readonly string[]
}

/** What became of a group. `left`: somebody went; `removed`: somebody was sent away. */
export type GroupChange =
  'created' | 'added' | 'joined' | 'left' | 'removed' | 'promoted' | 'demoted' | 'subject' | 'description'

/** An amount as the sender writes it: nothing says that it was paid. `thousandths` of one unit of the currency (ISO 4217). */
export type Money = { readonly currency: string; readonly thousandths: number }

/** What a form holds: the sender's answer under each of the names that the form's author gave its fields. */
export type FormAnswer = { readonly name: string; readonly value: string }

/** What somebody said to an event. `unknown`: nothing that this version has a name for. */
export type EventAnswer = 'going' | 'not_going' | 'maybe' | 'unknown'

/** What may be sealed about a message with the secret of that message. */
export type SealedWords = 'edit' | 'reaction' | 'comment' | 'event_response'

/**
 * Why sealed words could not be opened. `secret_unknown`: the message that they are about did not come here, has no secret or
 * is older than 90 days; `not_opened`: its secret does not open them; `malformed`: a part is missing, or nothing that phones
 * seal is in them.
 */
export const SEALED_REASONS = ['secret_unknown', 'not_opened', 'malformed'] as const
/** One of {@link SEALED_REASONS}. */
export type SealedReason = (typeof SEALED_REASONS)[number]

/** What can be tapped or chosen in a message of a business. `id` is what comes back then; null when it only opens something. */
export type Offer = { readonly title: string; readonly description: string; readonly id: string | null }

/** How a message of a company's machine is laid out. `rich`: by an assistant of Meta's. */
export const BUSINESS_FORMS = ['template', 'structured', 'interactive', 'buttons', 'list', 'rich'] as const
/** One of {@link BUSINESS_FORMS}. */
export type BusinessForm = (typeof BUSINESS_FORMS)[number]

/**
 * What a message says. All texts and names in it are the sender's own words. A kind that the channel does not carry is
 * `unsupported`, with WhatsApp's name for it.
 */
export type MessageContent =
  | { readonly kind: 'text'; readonly text: string }
  /** `caption` is empty when there is none. */
  | { readonly kind: 'media'; readonly media: Attachment; readonly caption: string }
  /** So many images and videos follow, each as a message of its own that names this one as its album. */
  | { readonly kind: 'album'; readonly images: number; readonly videos: number }
  /** `live`: the sender goes on telling where they are; `comment` is empty when there is none. */
  | { readonly kind: 'location'; readonly place: Place; readonly live: boolean; readonly comment: string }
  | { readonly kind: 'contacts'; readonly contacts: readonly ContactCard[] }
  /** `most`: how many options may be chosen; 0: as many as one likes. */
  | { readonly kind: 'poll'; readonly question: string; readonly options: readonly string[]; readonly most: number }
  /** `target` is the stanza id of the poll. `options` is null when the poll is not known here, and empty when a vote was taken back. */
  | { readonly kind: 'poll_vote'; readonly target: string; readonly options: readonly string[] | null }
  /** Instants are ms UTC. */
  | {
      readonly kind: 'event'
      readonly name: string
      readonly description: string
      readonly startsAt: number | null
      readonly endsAt: number | null
      readonly place: Place | null
      /** What the sender calls the place, which need not be anywhere on the globe; absent from what an earlier version kept. */
      readonly where?: string
      /** Where one takes part from afar; null when that is nowhere. Absent as `where`. */
      readonly link?: string | null
      readonly cancelled: boolean
    }
  /** An empty `emoji` takes the reaction back. `target` is the stanza id of the message reacted to. */
  | { readonly kind: 'reaction'; readonly emoji: string; readonly target: string }
  /**
   * The sender took a message back; `target` is its stanza id. `author`: who had written it, when that is another; it counts
   * when the sender is an admin of the group.
   */
  | { readonly kind: 'revoke'; readonly target: string; readonly author?: Person }
  /** `people` are those it happened to; `text` is the new subject or description, else empty. */
  | {
      readonly kind: 'group_change'
      readonly change: GroupChange
      readonly people: readonly Person[]
      readonly text: string
    }
  /**
   * Somebody tapped a button, chose from a list or filled in a form. `text` is what they saw, else the id; `id` what the one who
   * offered it named it, null when it has none; `answers` are empty for all but forms.
   */
  | {
      readonly kind: 'choice'
      readonly text: string
      readonly description: string
      readonly id: string | null
      readonly answers: readonly FormAnswer[]
    }
  /** A cart that somebody sends: of what it holds WhatsApp tells the number of pieces. `note` is empty when there is none. */
  | {
      readonly kind: 'order'
      readonly id: string | null
      readonly title: string
      readonly items: number | null
      readonly total: Money | null
      readonly note: string
    }
  /** A product of a catalogue, and what somebody says of it (`text`); texts are empty when there are none. */
  | {
      readonly kind: 'product'
      readonly id: string | null
      readonly title: string
      readonly description: string
      readonly price: Money | null
      readonly url: string | null
      readonly text: string
    }
  /** A remark on another message, whose stanza id is `target`. */
  | { readonly kind: 'comment'; readonly target: string; readonly text: string }
  /** Money is asked for, or was sent by WhatsApp's own means. `note` is empty when there is none. */
  | {
      readonly kind: 'payment'
      readonly what: 'request' | 'sent' | 'invoice'
      readonly amount: Money | null
      readonly note: string
    }
  /** What a company's machine sends. `text` is all that it says, title and footer included. */
  | {
      readonly kind: 'business'
      readonly form: BusinessForm
      readonly text: string
      readonly offers: readonly Offer[]
    }
  /** What somebody says to an event, whose stanza id is `target`; `guests`: so many come with them. */
  | {
      readonly kind: 'event_response'
      readonly target: string
      readonly response: EventAnswer
      readonly guests: number
    }
  /** Words about the message `target` that could not be opened: an entry of the same identity follows when that message comes. */
  | {
      readonly kind: 'sealed'
      readonly what: SealedWords
      readonly target: string | null
      readonly reason: SealedReason
    }
  /** Somebody calls the linked number. */
  | { readonly kind: 'call'; readonly video: boolean }
  /** It is shown once, and by the phone only: what it is nobody here learns. */
  | { readonly kind: 'view_once' }
  /** It has disappeared from its chat, and what it said is forgotten. */
  | { readonly kind: 'forgotten' }
  /** It could not be decrypted, yet: an entry of the same identity follows when a retry succeeds. */
  | { readonly kind: 'undecryptable' }
  /** `caption` is the text that came with it, empty when there is none. `type` is `unknown` when not even its name is known. */
  | { readonly kind: 'unsupported'; readonly type: string; readonly caption: string }

/** The text that rules and agents see: what the sender wrote, captions, questions and comments included; else empty. */
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
