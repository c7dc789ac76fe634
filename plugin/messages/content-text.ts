import { type MessageContent, type Place, textOf } from '../contract/content.ts'
import type { OutboundContent } from '../contract/delivery.ts'
import type { ConversationMessage } from '../contract/host.ts'
import { addressOfPerson } from '../contract/ids.ts'
import type { Outcome } from '../store/sql/schema.ts'
import type { StoredConversationMessage } from '../store/messages/conversation.ts'

const TEXT_LETTERS_MOST = 4_000

/** Outcomes of messages that were sent or will be. */
const SAID: ReadonlySet<Outcome> = new Set(['accepted', 'sent', 'delivered', 'read'])

type Content = MessageContent | OutboundContent

/** A stored message as agents get it in its conversation; null if it has no text there, or was deleted. */
export function conversationMessageOf(message: StoredConversationMessage): ConversationMessage | null {
  const { id, direction, sender, senderName, edits, outcome, forwarded, sentAt } = message
  const isOurs = direction === 'outbound'
  const isOwners = outcome === 'ignored: own'
  if (edits || !(isOurs ? SAID.has(outcome) : isHeard(outcome))) return null
  const text = cut(wordsOf(newestOf(message)))
  if (text === '') return null
  const who = isOurs ? 'agent' : isOwners ? 'owner' : 'person'
  return { who, from: addressOfPerson(sender), senderName, text, forwarded, at: sentAt, messageId: id }
}

/**
 * Whether an inbound message is part of the conversation. Messages to a number whose link is unconfirmed are never given to an
 * agent, because perhaps none of our people linked it. Messages of business systems and of the number's owner are part of the
 * conversation, although no agent answers them. So is the fact that there was a view-once message.
 */
const isHeard = (outcome: Outcome): boolean =>
  outcome === 'ignored: business' ||
  outcome === 'ignored: own' ||
  outcome === 'ignored: view_once_on_phone' ||
  (outcome !== 'reset' && outcome !== 'unmatched: link_unconfirmed' && !/^(ignored|undecryptable)/.test(outcome))

/** The newest content of a message; null if it was deleted. */
function newestOf({ direction, content, change }: StoredConversationMessage): Content | null {
  if (!change) return content
  // An admin of the group may have deleted our message.
  const counts = direction === 'inbound' || change.content.kind === 'revoke' || SAID.has(change.outcome)
  if (!counts) return content
  return change.content.kind === 'edit' ? { kind: 'text', text: change.content.text } : null
}

function cut(text: string): string {
  const room = text.slice(0, TEXT_LETTERS_MOST)
  // Does not cut a surrogate pair in two.
  return text.length > room.length ? room.replace(/[\uD800-\uDBFF]$/, '') : room
}

const marked = (kind: string, words: readonly string[]): string =>
  [`[${kind}]`, ...words.filter(each => each !== '')].join(' ')

/** The content of one kind. */
type OfKind<Kind extends Content['kind']> = Extract<Content, { kind: Kind }>

const placed = ({ latitude, longitude, name, address }: Place): string[] => [
  `${latitude},${longitude}`,
  name ?? '',
  address ?? '',
]

const nothing = (): string => ''

/** The text for each kind of content; empty for content that only refers to other messages. */
const WORDS: { readonly [Kind in Content['kind']]: (content: OfKind<Kind>) => string } = {
  text: ({ text }) => text,
  media: content => marked('media' in content ? content.media.kind : content.file.kind, [content.caption]),
  location: content =>
    'place' in content
      ? marked('location', [...placed(content.place), content.comment])
      : marked('location', placed({ ...content, accuracyMetres: null })),
  contacts: ({ contacts }) =>
    marked(
      'contacts',
      contacts.map(({ name, phones }) => [name, ...phones].join(' ')),
    ),
  contact: ({ name, phone }) => marked('contact', [name, phone]),
  poll: ({ question, options }) => marked('poll', [question, options.join(' / ')]),
  event: ({ name, description, where }) => marked('event', [name, description, where ?? '']),
  choice: content => marked('choice', [textOf(content), content.description]),
  order: ({ title, items, note }) => marked('order', [title, items === null ? '' : `${items} items`, note]),
  product: ({ title, text }) => marked('product', [title, text]),
  comment: ({ text }) => marked('comment', [text]),
  payment: ({ what, note }) => (note === '' ? '' : marked('payment', [what, note])),
  business: ({ text, offers }) => marked('business', [text, offers.map(({ title }) => title).join(' / ')]),
  view_once: () => '[view once, on the phone only]',
  unsupported: ({ caption }) => (caption === '' ? '' : marked('unsupported', [caption])),
  album: nothing,
  call: nothing,
  delete: nothing,
  edit: nothing,
  event_response: nothing,
  forgotten: nothing,
  group_change: nothing,
  poll_vote: nothing,
  reaction: nothing,
  revoke: nothing,
  sealed: nothing,
  undecryptable: nothing,
}

/** The words of a message, after its kind unless it is a plain text; empty if it only refers to other messages. */
export const wordsOf = (content: Content | null): string =>
  content === null ? '' : (WORDS[content.kind] as (content: Content) => string)(content)
