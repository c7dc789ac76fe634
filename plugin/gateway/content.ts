import type { proto } from '@whiskeysockets/baileys'

import type { MessageContent } from '../contract/content.ts'
import { mediaOf } from './attachment.ts'
import { contactCard } from './contact-card.ts'
import { instantOf, wholeNumber } from './numbers.ts'
import { placeOf } from './place.ts'
import type { Unwrapped } from './unwrap.ts'

/** What a message carries beside its content, and what is no content alone. */
const ASIDE = new Set([
  'messageContextInfo',
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
])

type Reader = (unwrapped: Unwrapped) => MessageContent | null

const READERS: readonly Reader[] = [
  ({ message }) => reactionOf(message),
  ({ message }) => textOf(message),
  mediaOf,
  ({ message }) => locationOf(message),
  ({ message }) => contactsOf(message),
  ({ message }) => pollOf(message),
  ({ message }) => eventOf(message),
  ({ message }) => albumOf(message),
]

/** What a message says, in our terms; null for what says nothing: keys for a group, and the like. */
export function contentOf(unwrapped: Unwrapped): MessageContent | null {
  for (const read of READERS) {
    const content = read(unwrapped)
    if (content) return content
  }
  const said = Object.entries(unwrapped.message).filter(([name, part]) => !ASIDE.has(name) && part !== null)
  const [type] = said.map(([name]) => name)
  return type === undefined ? null : { kind: 'unsupported', type, caption: captionIn(said[0]?.[1]) }
}

function reactionOf({ reactionMessage }: proto.IMessage): MessageContent | null {
  const target = reactionMessage?.key?.id
  return target ? { kind: 'reaction', emoji: reactionMessage.text ?? '', target } : null
}

/** Also what somebody chose from the buttons or the list of a business. */
function textOf(message: proto.IMessage): MessageContent | null {
  const { conversation, extendedTextMessage, buttonsResponseMessage, listResponseMessage } = message
  const chosen =
    buttonsResponseMessage?.selectedDisplayText ??
    listResponseMessage?.title ??
    message.templateButtonReplyMessage?.selectedDisplayText
  const text = conversation || (extendedTextMessage ? (extendedTextMessage.text ?? '') : (chosen ?? conversation))
  return typeof text === 'string' ? { kind: 'text', text } : null
}

function locationOf({ locationMessage, liveLocationMessage }: proto.IMessage): MessageContent | null {
  const part = locationMessage ?? liveLocationMessage
  const place = part && placeOf(part)
  if (!place) return null
  const live = !locationMessage || locationMessage.isLive === true
  const comment = locationMessage?.comment ?? liveLocationMessage?.caption ?? ''
  return { kind: 'location', place, live, comment }
}

function contactsOf({ contactMessage, contactsArrayMessage }: proto.IMessage): MessageContent | null {
  const cards = contactMessage ? [contactMessage] : contactsArrayMessage?.contacts
  return cards ? { kind: 'contacts', contacts: cards.map(contactCard) } : null
}

/** The part of a message that is a poll, whichever of its four versions it has. */
export function pollPartOf(message: proto.IMessage): proto.Message.IPollCreationMessage | null {
  const { pollCreationMessage, pollCreationMessageV2, pollCreationMessageV3, pollCreationMessageV5 } = message
  return pollCreationMessage ?? pollCreationMessageV2 ?? pollCreationMessageV3 ?? pollCreationMessageV5 ?? null
}

function pollOf(message: proto.IMessage): MessageContent | null {
  const poll = pollPartOf(message)
  if (!poll) return null
  const options = (poll.options ?? []).map(({ optionName }) => optionName ?? '')
  return { kind: 'poll', question: poll.name ?? '', options, most: wholeNumber(poll.selectableOptionsCount) ?? 0 }
}

function eventOf({ eventMessage: event }: proto.IMessage): MessageContent | null {
  if (!event) return null
  return {
    kind: 'event',
    name: event.name ?? '',
    description: event.description ?? '',
    startsAt: instantOf(event.startTime),
    endsAt: instantOf(event.endTime),
    place: event.location ? placeOf(event.location) : null,
    cancelled: event.isCanceled === true,
  }
}

function albumOf({ albumMessage: album }: proto.IMessage): MessageContent | null {
  if (!album) return null
  const [images, videos] = [wholeNumber(album.expectedImageCount) ?? 0, wholeNumber(album.expectedVideoCount) ?? 0]
  return { kind: 'album', images, videos }
}

const captionIn = (part: unknown): string => {
  const caption = (part as { caption?: unknown } | null | undefined)?.caption
  return typeof caption === 'string' ? caption : ''
}
