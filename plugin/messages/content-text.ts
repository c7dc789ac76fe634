import type { MessageContent, Place } from '../contract/content.ts'
import { textOf } from '../contract/content.ts'
import type { OutboundContent } from '../contract/delivery.ts'
import type { Utterance } from '../contract/host.ts'
import { addressOfPerson } from '../contract/ids.ts'
import type { Outcome } from '../store/sql/schema.ts'
import type { StoredUtterance } from '../store/messages/conversation.ts'

const TEXT_LETTERS_MOST = 4_000

/** What has gone out, or will. */
const SAID: ReadonlySet<Outcome> = new Set(['accepted', 'sent', 'delivered', 'read'])

type Content = MessageContent | OutboundContent

/** What a message is in its conversation; null when it says nothing there, or not any more. */
export function utteranceOf(message: StoredUtterance): Utterance | null {
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
 * What came to a number that perhaps nobody of ours linked is not handed to an agent, neither now nor later. What a company's
 * machine wrote, and the owner of the number, is part of what was said, though nobody is asked about it; so is that there was
 * something for one look.
 */
const isHeard = (outcome: Outcome): boolean =>
  outcome === 'ignored: business' ||
  outcome === 'ignored: own' ||
  outcome === 'ignored: view_once_on_phone' ||
  (outcome !== 'reset' && outcome !== 'unmatched: link_unconfirmed' && !/^(ignored|undecryptable)/.test(outcome))

/** What it says by now. */
function newestOf({ direction, content, change }: StoredUtterance): Content | null {
  if (!change) return content
  // An admin of the group may have taken ours back.
  const counts = direction === 'inbound' || change.content.kind === 'revoke' || SAID.has(change.outcome)
  if (!counts) return content
  return change.content.kind === 'edit' ? { kind: 'text', text: change.content.text } : null
}

function cut(text: string): string {
  const room = text.slice(0, TEXT_LETTERS_MOST)
  // Not in the middle of a character that takes two.
  return text.length > room.length ? room.replace(/[\uD800-\uDBFF]$/, '') : room
}

const marked = (kind: string, words: readonly string[]): string =>
  [`[${kind}]`, ...words.filter(each => each !== '')].join(' ')

/** The words of a message, behind its kind when it is more than a text; empty for what only says something of others. */
export function wordsOf(content: Content | null): string {
  switch (content?.kind) {
    case 'text':
      return content.text
    case 'media':
      return marked('media' in content ? content.media.kind : content.file.kind, [content.caption])
    case 'location':
      return 'place' in content
        ? marked('location', [...placed(content.place), content.comment])
        : marked('location', placed({ ...content, accuracyMetres: null }))
    case 'contacts':
      return marked(
        'contacts',
        content.contacts.map(({ name, phones }) => [name, ...phones].join(' ')),
      )
    case 'contact':
      return marked('contact', [content.name, content.phone])
    case 'poll':
      return marked('poll', [content.question, content.options.join(' / ')])
    case 'event':
      return marked('event', [content.name, content.description, content.where ?? ''])
    case 'choice':
      return marked('choice', [textOf(content), content.description])
    case 'order':
      return marked('order', [content.title, content.items === null ? '' : `${content.items} items`, content.note])
    case 'product':
      return marked('product', [content.title, content.text])
    case 'comment':
      return marked('comment', [content.text])
    case 'payment':
      return content.note === '' ? '' : marked('payment', [content.what, content.note])
    case 'business':
      return marked('business', [content.text, content.offers.map(({ title }) => title).join(' / ')])
    case 'view_once':
      return '[view once, on the phone only]'
    case 'unsupported':
      return content.caption === '' ? '' : marked('unsupported', [content.caption])
    default:
      return ''
  }
}

const placed = ({ latitude, longitude, name, address }: Place): string[] => [
  `${latitude},${longitude}`,
  name ?? '',
  address ?? '',
]
