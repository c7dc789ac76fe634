import type { proto } from '@whiskeysockets/baileys'

/** A message without what it was wrapped in. */
export type Unwrapped = { readonly message: proto.IMessage; readonly viewOnce: boolean }

type Wrapper = {
  [Name in keyof proto.IMessage]: NonNullable<proto.IMessage[Name]> extends proto.Message.IFutureProofMessage
    ? Name
    : never
}[keyof proto.IMessage]

const VIEW_ONCE = ['viewOnceMessage', 'viewOnceMessageV2', 'viewOnceMessageV2Extension'] as const satisfies Wrapper[]
/** The types that hold another message. */
export const WRAPPERS = [
  ...VIEW_ONCE,
  'ephemeralMessage',
  'documentWithCaptionMessage',
  'editedMessage',
  'associatedChildMessage',
  'groupMentionedMessage',
  'botInvokeMessage',
  'lottieStickerMessage',
  'pollCreationMessageV4',
  'limitSharingMessage',
  'botForwardedMessage',
  'botTaskMessage',
  'questionMessage',
  'questionReplyMessage',
  'eventCoverImage',
  'pollCreationOptionImageMessage',
  'statusMentionMessage',
  'groupStatusMentionMessage',
  'statusAddYours',
  'groupStatusMessage',
  'groupStatusMessageV2',
] as const satisfies Wrapper[]

/** Phones nest two or three; a sender who nests more wants something else. */
const DEEPEST = 6

/** What a message is beneath its wrappers; null when there is nothing in them, or more of them than phones make. */
export function unwrapped(message: proto.IMessage | null | undefined): Unwrapped | null {
  let inner = message
  let viewOnce = false
  for (let depth = 0; inner && depth < DEEPEST; depth += 1) {
    const wrapped = inner
    const wrapper = WRAPPERS.find(name => wrapped[name])
    if (!wrapper) return { message: wrapped, viewOnce }
    viewOnce ||= VIEW_ONCE.some(name => name === wrapper)
    inner = withContextOf(wrapped, wrapped[wrapper]?.message)
  }
  return null
}

/** What is said beside a wrapper holds for what is in it, where that says nothing else: the secret of a poll, the album of a picture. */
export function withContextOf(
  { messageContextInfo: outer }: proto.IMessage,
  within: proto.IMessage | null | undefined,
): proto.IMessage | null | undefined {
  return within && outer ? { ...within, messageContextInfo: { ...outer, ...within.messageContextInfo } } : within
}
