import { proto } from '@whiskeysockets/baileys'

import type { MESSAGE_TYPES } from '../../plugin/gateway/kinds/message-types.ts'
import { fullMessage } from './message-descriptor.ts'

type TypeName = keyof typeof MESSAGE_TYPES
type Make = (type: TypeName, bytes: number) => Record<string, unknown>

/** What takes most room where it is written as JSON. */
const hard = (letters: number): string => '\u0001'.repeat(letters)
const DEEPEST = 6
const ENTRY_BYTES = 8
const key = { remoteJid: '77701@lid', fromMe: false, id: 'A1' }

function wrapped(type: TypeName, bytes: number): Record<string, unknown> {
  let message: Record<string, unknown> = { conversation: hard(bytes) }
  for (let depth = 1; depth < DEEPEST; depth += 1) message = { [type]: { message } }
  return message
}

/** Of which `most` there is as much as fits into so many bytes. */
const MAKERS = {
  'a text': (_, bytes) => ({ conversation: hard(bytes) }),
  'a text that quotes and mentions': (_, bytes) => ({
    extendedTextMessage: {
      text: hard(bytes / 3),
      contextInfo: {
        stanzaId: 'Q',
        participant: '77701@lid',
        quotedMessage: { conversation: hard(bytes / 3) },
        mentionedJid: Array.from({ length: bytes / 60 }, (_each, n) => `${10_000_000 + n}@lid`),
      },
    },
  }),
  'an edit': (type, bytes) => {
    const protocolMessage = { type: 14, key, editedMessage: { conversation: hard(bytes) } }
    return type === 'editedMessage' ? { editedMessage: { message: { protocolMessage } } } : { protocolMessage }
  },
  'many entries': (type, bytes) => {
    const entries = Math.floor(bytes / ENTRY_BYTES)
    return type === 'contactsArrayMessage'
      ? { [type]: { contacts: Array.from({ length: entries }, () => ({ vcard: 'TEL:1' })) } }
      : { [type]: { name: 'x', options: Array.from({ length: entries }, (_each, n) => ({ optionName: `${n}` })) } }
  },
  'sealed bytes': (type, bytes) => {
    const sealed = { encPayload: Buffer.alloc(bytes, 7), encIv: Buffer.alloc(12) }
    if (type === 'pollUpdateMessage') return { [type]: { pollCreationMessageKey: key, vote: sealed } }
    const about = type === 'encEventResponseMessage' ? { eventCreationMessageKey: key } : { targetMessageKey: key }
    return { [type]: { ...sealed, ...about } }
  },
  'what it wraps': wrapped,
  'all it says': fullMessage,
} as const satisfies Readonly<Record<string, Make>>

/**
 * T5: what the worst message of each of WhatsApp's types is made of. A type that is new fails the build until somebody decides what
 * that is of it.
 */
export const WORST_MESSAGES: Readonly<Record<TypeName, keyof typeof MAKERS>> = {
  reactionMessage: 'all it says',
  conversation: 'a text',
  extendedTextMessage: 'a text that quotes and mentions',
  statusQuestionAnswerMessage: 'all it says',
  questionResponseMessage: 'all it says',
  statusQuotedMessage: 'all it says',
  buttonsResponseMessage: 'all it says',
  listResponseMessage: 'all it says',
  templateButtonReplyMessage: 'all it says',
  interactiveResponseMessage: 'all it says',
  imageMessage: 'all it says',
  videoMessage: 'all it says',
  ptvMessage: 'all it says',
  audioMessage: 'all it says',
  documentMessage: 'all it says',
  stickerMessage: 'all it says',
  locationMessage: 'all it says',
  liveLocationMessage: 'all it says',
  contactMessage: 'all it says',
  contactsArrayMessage: 'many entries',
  pollCreationMessage: 'many entries',
  pollCreationMessageV2: 'many entries',
  pollCreationMessageV3: 'many entries',
  pollCreationMessageV5: 'many entries',
  eventMessage: 'all it says',
  albumMessage: 'all it says',
  orderMessage: 'all it says',
  productMessage: 'all it says',
  commentMessage: 'all it says',
  requestPaymentMessage: 'all it says',
  sendPaymentMessage: 'all it says',
  invoiceMessage: 'all it says',
  templateMessage: 'all it says',
  highlyStructuredMessage: 'all it says',
  interactiveMessage: 'all it says',
  buttonsMessage: 'all it says',
  listMessage: 'all it says',
  richResponseMessage: 'all it says',
  groupInviteMessage: 'all it says',
  newsletterAdminInviteMessage: 'all it says',
  newsletterFollowerInviteMessageV2: 'all it says',
  stickerPackMessage: 'all it says',
  scheduledCallCreationMessage: 'all it says',
  bcallMessage: 'all it says',
  pollResultSnapshotMessage: 'all it says',
  pollResultSnapshotMessageV3: 'all it says',
  chat: 'all it says',
  protocolMessage: 'an edit',
  pollUpdateMessage: 'sealed bytes',
  deviceSentMessage: 'what it wraps',
  secretEncryptedMessage: 'sealed bytes',
  encReactionMessage: 'sealed bytes',
  encCommentMessage: 'sealed bytes',
  encEventResponseMessage: 'sealed bytes',
  keepInChatMessage: 'all it says',
  pinInChatMessage: 'all it says',
  declinePaymentRequestMessage: 'all it says',
  cancelPaymentRequestMessage: 'all it says',
  paymentInviteMessage: 'all it says',
  requestPhoneNumberMessage: 'all it says',
  scheduledCallEditMessage: 'all it says',
  callLogMesssage: 'all it says',
  call: 'all it says',
  placeholderMessage: 'all it says',
  stickerSyncRmrMessage: 'all it says',
  messageHistoryBundle: 'all it says',
  messageHistoryNotice: 'all it says',
  statusNotificationMessage: 'all it says',
  statusStickerInteractionMessage: 'all it says',
  messageContextInfo: 'all it says',
  senderKeyDistributionMessage: 'all it says',
  fastRatchetKeySenderKeyDistributionMessage: 'all it says',
  viewOnceMessage: 'what it wraps',
  viewOnceMessageV2: 'what it wraps',
  viewOnceMessageV2Extension: 'what it wraps',
  ephemeralMessage: 'what it wraps',
  documentWithCaptionMessage: 'what it wraps',
  editedMessage: 'an edit',
  associatedChildMessage: 'what it wraps',
  groupMentionedMessage: 'what it wraps',
  botInvokeMessage: 'what it wraps',
  lottieStickerMessage: 'what it wraps',
  pollCreationMessageV4: 'what it wraps',
  limitSharingMessage: 'what it wraps',
  botForwardedMessage: 'what it wraps',
  botTaskMessage: 'what it wraps',
  questionMessage: 'what it wraps',
  questionReplyMessage: 'what it wraps',
  eventCoverImage: 'what it wraps',
  pollCreationOptionImageMessage: 'what it wraps',
  statusMentionMessage: 'what it wraps',
  groupStatusMentionMessage: 'what it wraps',
  statusAddYours: 'what it wraps',
  groupStatusMessage: 'what it wraps',
  groupStatusMessageV2: 'what it wraps',
}

/** The plaintext of the worst message of a type, of about so many bytes. */
export const worstMessage = (type: TypeName, bytes: number): Buffer =>
  Buffer.from(proto.Message.encode(proto.Message.fromObject(MAKERS[WORST_MESSAGES[type]](type, bytes))).finish())
