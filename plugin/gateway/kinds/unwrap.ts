import type { proto } from '@whiskeysockets/baileys'

/** A message without its wrappers. */
export type Unwrapped = { readonly message: proto.IMessage; readonly viewOnce: boolean }

type Wrapper = {
  [Name in keyof proto.IMessage]: NonNullable<proto.IMessage[Name]> extends proto.Message.IFutureProofMessage
    ? Name
    : never
}[keyof proto.IMessage]

const VIEW_ONCE = ['viewOnceMessage', 'viewOnceMessageV2', 'viewOnceMessageV2Extension'] as const satisfies Wrapper[]
/** The types that contain another message. */
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

/** Phones nest two or three; a sender who nests more has another intention. */
const DEEPEST = 6

/** The message inside its wrappers; null if they are empty, or more than phones use. */
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

/**
 * Applies the context beside a wrapper to the message inside, where that has none of its own: the secret of a poll, the album of a
 * picture.
 */
export function withContextOf(
  { messageContextInfo: outer }: proto.IMessage,
  within: proto.IMessage | null | undefined,
): proto.IMessage | null | undefined {
  return within && outer ? { ...within, messageContextInfo: { ...outer, ...within.messageContextInfo } } : within
}
