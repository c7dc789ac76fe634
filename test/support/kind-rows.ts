import type { MESSAGE_TYPES } from '../../plugin/gateway/kinds/message-types.ts'
import { markdownTable } from '../tables/markdown-table.ts'

/** One kind of message: how it is called, what an agent gets of it, and as what `send` takes it; null when it does not. */
export type KindRow = { readonly kind: string; readonly got: string; readonly said: string | null }

const FILE = 'the file as an artifact, or why there is none'

/**
 * The kinds that the channel carries. Each is received in direct chats and groups, addressed by LID and by phone number
 * (test/stage/gateway/kinds), and each that can be said is said in both (test/e2e/outbound-kinds, test/e2e/outbound-files). The
 * table in plugin/api/kinds.md is made of them.
 */
export const KIND_ROWS: readonly KindRow[] = [
  { kind: 'text', got: 'its text', said: '`text`' },
  { kind: 'vanishing text', got: 'its text', said: null },
  { kind: 'image', got: `${FILE}; its caption`, said: '`media`' },
  { kind: 'video', got: `${FILE}; its caption`, said: '`media`' },
  { kind: 'gif', got: `${FILE}; its caption`, said: '`media`' },
  { kind: 'video note', got: FILE, said: '`media`' },
  { kind: 'audio', got: FILE, said: '`media`' },
  { kind: 'voice note', got: FILE, said: '`media`' },
  { kind: 'document', got: `${FILE}; its caption`, said: '`media`' },
  { kind: 'sticker', got: FILE, said: '`media`' },
  { kind: 'view once', got: `${FILE}; its caption`, said: null },
  { kind: 'album', got: 'how many files follow', said: null },
  { kind: 'location', got: 'the place', said: '`location`' },
  { kind: 'live location', got: 'the place, and that it moves', said: null },
  { kind: 'contact', got: 'name and numbers', said: '`contact`' },
  { kind: 'contacts', got: 'names and numbers', said: null },
  { kind: 'poll', got: 'question and options', said: '`poll`' },
  { kind: 'vote', got: 'what was chosen; only if `also_answer` says so', said: null },
  { kind: 'event', got: 'name, times and place', said: null },
  {
    kind: 'event answer',
    got: 'going, not going or maybe, and how many guests; only if `also_answer` says so',
    said: null,
  },
  { kind: 'reaction', got: 'the emoji, empty when taken back; only if `also_answer` says so', said: '`reaction`' },
  { kind: 'edit', got: 'the new text; only if `also_answer` says so', said: '`edit`' },
  { kind: 'revoke', got: 'nothing; a turn that has not begun is cancelled', said: '`delete`' },
  { kind: 'group change', got: 'who and what; only if `also_answer` says so', said: null },
  { kind: 'call', got: 'that there is one; only if `also_answer` says so', said: null },
  { kind: 'choice', got: 'what was tapped or chosen and its id, the answers of a form', said: null },
  { kind: 'order', got: 'title, number of pieces, total and note', said: null },
  { kind: 'product', got: 'title, price and what is said of it', said: null },
  { kind: 'comment', got: 'its text', said: null },
  { kind: 'payment', got: 'the amount and the note; nothing without a note', said: null },
  {
    kind: 'business',
    got: 'in the conversation; its text and what it offers only if `also_answer` says so',
    said: null,
  },
  { kind: 'sealed words', got: 'as the edit, reaction, comment or event answer that they are', said: null },
  { kind: 'own words', got: 'nothing; what the owner writes on the phone is in the conversation', said: null },
  { kind: 'wrapped', got: 'what is in it', said: null },
  { kind: 'view once on the phone', got: 'in the conversation, that there was something', said: null },
  { kind: 'invitation', got: 'that it is `unsupported`, under its own name; its words', said: null },
  { kind: 'other words', got: 'that it is `unsupported`, under its own name; its words', said: null },
  { kind: 'nothing said', got: 'nothing; it is kept as `unsupported`', said: null },
  { kind: 'unheard of', got: 'that it is `unsupported`', said: null },
]

type TypeName = keyof typeof MESSAGE_TYPES

/** In which rows each of WhatsApp's types of messages is; none for what stands beside a message. */
export const ROWS_OF: Readonly<Record<TypeName, readonly string[]>> = {
  reactionMessage: ['reaction'],
  conversation: ['text'],
  extendedTextMessage: ['text'],
  statusQuestionAnswerMessage: ['text'],
  questionResponseMessage: ['text'],
  statusQuotedMessage: ['text'],
  buttonsResponseMessage: ['choice'],
  listResponseMessage: ['choice'],
  templateButtonReplyMessage: ['choice'],
  interactiveResponseMessage: ['choice'],
  imageMessage: ['image'],
  videoMessage: ['video', 'gif'],
  ptvMessage: ['video note'],
  audioMessage: ['audio', 'voice note'],
  documentMessage: ['document'],
  stickerMessage: ['sticker'],
  locationMessage: ['location'],
  liveLocationMessage: ['live location'],
  contactMessage: ['contact'],
  contactsArrayMessage: ['contacts'],
  pollCreationMessage: ['poll'],
  pollCreationMessageV2: ['poll'],
  pollCreationMessageV3: ['poll'],
  pollCreationMessageV5: ['poll'],
  eventMessage: ['event'],
  albumMessage: ['album'],
  orderMessage: ['order'],
  productMessage: ['product'],
  commentMessage: ['comment'],
  requestPaymentMessage: ['payment'],
  sendPaymentMessage: ['payment'],
  invoiceMessage: ['payment'],
  templateMessage: ['business'],
  highlyStructuredMessage: ['business'],
  interactiveMessage: ['business'],
  buttonsMessage: ['business'],
  listMessage: ['business'],
  richResponseMessage: ['business'],
  groupInviteMessage: ['invitation'],
  newsletterAdminInviteMessage: ['invitation'],
  newsletterFollowerInviteMessageV2: ['invitation'],
  stickerPackMessage: ['other words'],
  scheduledCallCreationMessage: ['other words'],
  bcallMessage: ['other words'],
  pollResultSnapshotMessage: ['other words'],
  pollResultSnapshotMessageV3: ['other words'],
  chat: ['other words'],
  protocolMessage: ['edit', 'revoke'],
  pollUpdateMessage: ['vote'],
  deviceSentMessage: ['own words'],
  secretEncryptedMessage: ['edit', 'sealed words'],
  encReactionMessage: ['reaction', 'sealed words'],
  encCommentMessage: ['comment', 'sealed words'],
  encEventResponseMessage: ['event answer', 'sealed words'],
  keepInChatMessage: ['nothing said'],
  pinInChatMessage: ['nothing said'],
  declinePaymentRequestMessage: ['nothing said'],
  cancelPaymentRequestMessage: ['nothing said'],
  paymentInviteMessage: ['nothing said'],
  requestPhoneNumberMessage: ['nothing said'],
  scheduledCallEditMessage: ['nothing said'],
  callLogMesssage: ['nothing said'],
  call: ['nothing said'],
  placeholderMessage: ['nothing said'],
  stickerSyncRmrMessage: ['nothing said'],
  messageHistoryBundle: ['nothing said'],
  messageHistoryNotice: ['nothing said'],
  statusNotificationMessage: ['nothing said'],
  statusStickerInteractionMessage: ['nothing said'],
  messageContextInfo: [],
  senderKeyDistributionMessage: [],
  fastRatchetKeySenderKeyDistributionMessage: [],
  viewOnceMessage: ['view once'],
  viewOnceMessageV2: ['view once'],
  viewOnceMessageV2Extension: ['view once'],
  ephemeralMessage: ['vanishing text'],
  documentWithCaptionMessage: ['wrapped'],
  editedMessage: ['wrapped'],
  associatedChildMessage: ['wrapped'],
  groupMentionedMessage: ['wrapped'],
  botInvokeMessage: ['wrapped'],
  lottieStickerMessage: ['sticker'],
  pollCreationMessageV4: ['poll'],
  limitSharingMessage: ['wrapped'],
  botForwardedMessage: ['wrapped'],
  botTaskMessage: ['wrapped'],
  questionMessage: ['wrapped'],
  questionReplyMessage: ['wrapped'],
  eventCoverImage: ['wrapped'],
  pollCreationOptionImageMessage: ['wrapped'],
  statusMentionMessage: ['wrapped'],
  groupStatusMentionMessage: ['wrapped'],
  statusAddYours: ['wrapped'],
  groupStatusMessage: ['wrapped'],
  groupStatusMessageV2: ['wrapped'],
}

/** The rows that WhatsApp has no type of message for: it tells of them otherwise. */
export const TOLD_OTHERWISE = ['group change', 'call', 'view once on the phone', 'unheard of']

const typesOf = (kind: string): string => {
  const types = Object.entries(ROWS_OF).flatMap(([type, kinds]) => (kinds.includes(kind) ? [`\`${type}\``] : []))
  return types.length === 0 ? '–' : types.join(' ')
}

/** The table of kinds in plugin/api/kinds.md. */
export function kindTable(): string[] {
  const rows = KIND_ROWS.map(({ kind, got, said }) => [kind, got, said ?? '–', typesOf(kind)])
  return markdownTable(['in', 'what the agent gets', 'out', 'WhatsApp’s types'], rows)
}
