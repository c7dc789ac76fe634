import type { proto } from '@whiskeysockets/baileys'

/** Adds a context to a message. A plain text cannot have one, so it becomes an extended text. */
export function withContext(content: proto.IMessage, context: proto.IContextInfo): proto.IMessage {
  const { conversation, ...rest } = content
  if (typeof conversation === 'string') {
    return withContext({ ...rest, extendedTextMessage: { text: conversation } }, context)
  }
  const parts = Object.entries(content).map(([name, part]: [string, unknown]) => [name, inPart(name, part, context)])
  return Object.fromEntries(parts) as proto.IMessage
}

function inPart(name: string, part: unknown, context: proto.IContextInfo): unknown {
  if (name === 'messageContextInfo' || typeof part !== 'object' || part === null) return part
  const wrapped = (part as proto.Message.IFutureProofMessage).message
  if (wrapped && WRAPPER_NAME.test(name)) return { ...part, message: withContext(wrapped, context) }
  const known = (part as { contextInfo?: proto.IContextInfo }).contextInfo
  return { ...part, contextInfo: { ...known, ...context } }
}

/** The kinds that contain a whole message. */
const WRAPPER_NAME = /^(?:ephemeral|viewOnce|documentWithCaption|groupMentioned|associatedChild|pollCreationMessageV4)/

/** The context of a message, in whichever part its kind has it; null if there is none. */
export function contextIn(content: proto.IMessage): proto.IContextInfo | null {
  for (const [name, part] of Object.entries(content) as [string, unknown][]) {
    if (typeof part !== 'object' || part === null || part instanceof Uint8Array) continue
    const { contextInfo, message } = part as { contextInfo?: proto.IContextInfo; message?: proto.IMessage }
    const inner = message && WRAPPER_NAME.test(name) ? contextIn(message) : null
    if (contextInfo ?? inner) return contextInfo ?? inner
  }
  return null
}

/** The message inside wrappers that only say how it is shown. */
export function unwrapped(content: proto.IMessage): proto.IMessage {
  const { documentWithCaptionMessage: document, associatedChildMessage: piece } = content
  const inner = document?.message ?? piece?.message
  return inner ? unwrapped(inner) : content
}
