import type { proto } from '@whiskeysockets/baileys'

import type { MessageContent } from '../../contract/content.ts'
import { mediaOf } from './attachment.ts'
import { buttonsOf, interactiveOf, listOf, richOf, structuredOf, templateOf } from './business.ts'
import { buttonChoice, flowChoice, listChoice, templateChoice } from './choice.ts'
import { invoiceOf, orderOf, paymentRequest, paymentSent, productOf } from './commerce.ts'
import { contactCard } from './vcard.ts'
import { joined } from './message-text.ts'
import { instantOf, wholeNumber } from './proto-numbers.ts'
import { placeOf, type PlacePart } from './location.ts'
import { unwrapped, type Unwrapped } from './unwrap.ts'

type Part<Name extends keyof proto.IMessage> = NonNullable<proto.IMessage[Name]>

/**
 * The role of a type of WhatsApp's messages for the channel.
 * `said`: a person says or does it, and `read` reads it. `read` returns null if the part makes no sense; then `words` are what is
 * left of it.
 * `titled`: the channel does not carry it, but its words are read all the same.
 * `wrapper`: it contains another message. `aside`: it accompanies the content. `change`: it changes another message, or only
 * devices of one account send it to each other. `unsaid`: no person said it, and it contains no words.
 */
type Role<Name extends keyof proto.IMessage> =
  | {
      readonly is: 'said'
      readonly read: (part: Part<Name>, whole: Unwrapped) => MessageContent | null
      readonly words?: (part: Part<Name>) => string
    }
  | { readonly is: 'titled'; readonly words: (part: Part<Name>) => string }
  | { readonly is: 'wrapper' | 'aside' | 'change' | 'unsaid' }

type Table = { readonly [Name in keyof proto.IMessage]-?: Role<Name> }

const said = <Name extends keyof proto.IMessage>(
  read: (part: Part<Name>, whole: Unwrapped) => MessageContent | null,
  words?: (part: Part<Name>) => string,
): Role<Name> => ({ is: 'said', read, ...(words && { words }) })
const titled = <Name extends keyof proto.IMessage>(words: (part: Part<Name>) => string): Role<Name> => ({
  is: 'titled',
  words,
})
const [WRAPPER, ASIDE, CHANGE, UNSAID] = [
  { is: 'wrapper' },
  { is: 'aside' },
  { is: 'change' },
  { is: 'unsaid' },
] as const

const file = said((_part, whole) => mediaOf(whole))
const poll = said<'pollCreationMessage'>(pollOf)

/**
 * Every type of `proto.Message`, so that a type that an update of Baileys adds fails the build until its role is decided
 * (whatsapp-today.md §10). If a message has two of them, the first one here is read.
 */
export const MESSAGE_TYPES: Table = {
  reactionMessage: said(({ key, text }) => (key?.id ? { kind: 'reaction', emoji: text ?? '', target: key.id } : null)),
  conversation: said(text => (text === '' ? null : { kind: 'text', text })),
  extendedTextMessage: said(({ text }) => ({ kind: 'text', text: text ?? '' })),
  statusQuestionAnswerMessage: said(({ text }) => ({ kind: 'text', text: text ?? '' })),
  questionResponseMessage: said(({ text }) => ({ kind: 'text', text: text ?? '' })),
  statusQuotedMessage: said(({ text }) => ({ kind: 'text', text: text ?? '' })),
  buttonsResponseMessage: said(buttonChoice),
  listResponseMessage: said(listChoice),
  templateButtonReplyMessage: said(templateChoice),
  interactiveResponseMessage: said(flowChoice),
  imageMessage: file,
  videoMessage: file,
  ptvMessage: file,
  audioMessage: file,
  documentMessage: file,
  stickerMessage: file,
  locationMessage: said(
    part => locationOf(part, part.isLive === true, part.comment),
    ({ name, address, comment }) => joined(name, address, comment),
  ),
  liveLocationMessage: said(
    part => locationOf(part, true, part.caption),
    ({ caption }) => caption ?? '',
  ),
  contactMessage: said(card => ({ kind: 'contacts', contacts: [contactCard(card)] })),
  contactsArrayMessage: said(({ contacts }) => ({ kind: 'contacts', contacts: cardsIn(contacts) })),
  pollCreationMessage: poll,
  pollCreationMessageV2: poll,
  pollCreationMessageV3: poll,
  pollCreationMessageV5: poll,
  eventMessage: said(eventOf),
  albumMessage: said(albumOf),
  orderMessage: said(orderOf),
  productMessage: said(productOf),
  commentMessage: said(
    ({ message, targetMessageKey }) =>
      targetMessageKey?.id ? { kind: 'comment', target: targetMessageKey.id, text: noteIn(message) } : null,
    ({ message }) => noteIn(message),
  ),
  requestPaymentMessage: said(part => paymentRequest(part, noteIn)),
  sendPaymentMessage: said(part => paymentSent(part, noteIn)),
  invoiceMessage: said(invoiceOf),
  templateMessage: said(templateOf),
  highlyStructuredMessage: said(structuredOf),
  interactiveMessage: said(interactiveOf),
  buttonsMessage: said(buttonsOf),
  listMessage: said(listOf),
  richResponseMessage: said(richOf),
  groupInviteMessage: titled(({ groupName, caption }) => joined(groupName, caption)),
  newsletterAdminInviteMessage: titled(({ newsletterName, caption }) => joined(newsletterName, caption)),
  newsletterFollowerInviteMessageV2: titled(({ newsletterName, caption }) => joined(newsletterName, caption)),
  stickerPackMessage: titled(({ name, publisher, packDescription, caption }) =>
    joined(name, publisher, packDescription, caption),
  ),
  scheduledCallCreationMessage: titled(({ title }) => title ?? ''),
  bcallMessage: titled(({ caption }) => caption ?? ''),
  pollResultSnapshotMessage: titled(resultWords),
  pollResultSnapshotMessageV3: titled(resultWords),
  chat: titled(({ displayName }) => displayName ?? ''),
  protocolMessage: CHANGE,
  pollUpdateMessage: CHANGE,
  deviceSentMessage: CHANGE,
  secretEncryptedMessage: CHANGE,
  encReactionMessage: CHANGE,
  encCommentMessage: CHANGE,
  encEventResponseMessage: CHANGE,
  keepInChatMessage: UNSAID,
  pinInChatMessage: UNSAID,
  declinePaymentRequestMessage: UNSAID,
  cancelPaymentRequestMessage: UNSAID,
  paymentInviteMessage: UNSAID,
  requestPhoneNumberMessage: UNSAID,
  scheduledCallEditMessage: UNSAID,
  callLogMesssage: UNSAID,
  call: UNSAID,
  placeholderMessage: UNSAID,
  stickerSyncRmrMessage: UNSAID,
  messageHistoryBundle: UNSAID,
  messageHistoryNotice: UNSAID,
  statusNotificationMessage: UNSAID,
  statusStickerInteractionMessage: UNSAID,
  messageContextInfo: ASIDE,
  senderKeyDistributionMessage: ASIDE,
  fastRatchetKeySenderKeyDistributionMessage: ASIDE,
  viewOnceMessage: WRAPPER,
  viewOnceMessageV2: WRAPPER,
  viewOnceMessageV2Extension: WRAPPER,
  ephemeralMessage: WRAPPER,
  documentWithCaptionMessage: WRAPPER,
  editedMessage: WRAPPER,
  associatedChildMessage: WRAPPER,
  groupMentionedMessage: WRAPPER,
  botInvokeMessage: WRAPPER,
  lottieStickerMessage: WRAPPER,
  pollCreationMessageV4: WRAPPER,
  limitSharingMessage: WRAPPER,
  botForwardedMessage: WRAPPER,
  botTaskMessage: WRAPPER,
  questionMessage: WRAPPER,
  questionReplyMessage: WRAPPER,
  eventCoverImage: WRAPPER,
  pollCreationOptionImageMessage: WRAPPER,
  statusMentionMessage: WRAPPER,
  groupStatusMentionMessage: WRAPPER,
  statusAddYours: WRAPPER,
  groupStatusMessage: WRAPPER,
  groupStatusMessageV2: WRAPPER,
}

/** No phone sends more cards at once. */
const CARDS_MOST = 1_000
const cardsIn = (contacts: proto.Message.IContactMessage[] | null | undefined) =>
  (contacts ?? []).slice(0, CARDS_MOST).map(contactCard)

/** The poll of a message, whichever version it has; null if there is none. */
export function pollPartOf(message: proto.IMessage): proto.Message.IPollCreationMessage | null {
  const { pollCreationMessage, pollCreationMessageV2, pollCreationMessageV3, pollCreationMessageV5 } = message
  return pollCreationMessage ?? pollCreationMessageV2 ?? pollCreationMessageV3 ?? pollCreationMessageV5 ?? null
}

function pollOf({ name, options, selectableOptionsCount }: proto.Message.IPollCreationMessage): MessageContent {
  const names = (options ?? []).map(({ optionName }) => optionName ?? '')
  return { kind: 'poll', question: name ?? '', options: names, most: wholeNumber(selectableOptionsCount) ?? 0 }
}

function locationOf(part: PlacePart, live: boolean, comment: string | null | undefined): MessageContent | null {
  const place = placeOf(part)
  return place && { kind: 'location', place, live, comment: comment ?? '' }
}

function eventOf(event: proto.Message.IEventMessage): MessageContent {
  return {
    kind: 'event',
    name: event.name ?? '',
    description: event.description ?? '',
    startsAt: instantOf(event.startTime),
    endsAt: instantOf(event.endTime),
    place: event.location ? placeOf(event.location) : null,
    where: joined(event.location?.name, event.location?.address, event.location?.comment),
    link: event.joinLink || null,
    cancelled: event.isCanceled === true,
  }
}

function albumOf({ expectedImageCount, expectedVideoCount }: proto.Message.IAlbumMessage): MessageContent {
  return { kind: 'album', images: wholeNumber(expectedImageCount) ?? 0, videos: wholeNumber(expectedVideoCount) ?? 0 }
}

function resultWords({ name, pollVotes }: proto.Message.IPollResultSnapshotMessage): string {
  return joined(name, ...(pollVotes ?? []).map(({ optionName }) => optionName))
}

/** The text of a note or comment, or its file's caption. */
function noteIn(message: proto.IMessage | null | undefined): string {
  const inner = unwrapped(message)
  if (!inner) return ''
  const { conversation, extendedTextMessage } = inner.message
  return conversation || extendedTextMessage?.text || (mediaOf(inner)?.caption ?? '')
}
