import type { proto } from '@whiskeysockets/baileys'

/** A message that says this of others besides; a plain text has no room for it, and becomes an extended one. */
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

/** Those that hold a whole message, not a note of one. */
const WRAPPER_NAME = /^(?:ephemeral|viewOnce|documentWithCaption|groupMentioned|associatedChild|pollCreationMessageV4)/

/** What a message says of others, wherever its kind has that. */
export function contextIn(content: proto.IMessage): proto.IContextInfo | null {
  for (const [name, part] of Object.entries(content) as [string, unknown][]) {
    if (typeof part !== 'object' || part === null || part instanceof Uint8Array) continue
    const { contextInfo, message } = part as { contextInfo?: proto.IContextInfo; message?: proto.IMessage }
    const inner = message && WRAPPER_NAME.test(name) ? contextIn(message) : null
    if (contextInfo ?? inner) return contextInfo ?? inner
  }
  return null
}

/** The message that stands in one that says no more than how it is to be shown. */
export function unwrapped(content: proto.IMessage): proto.IMessage {
  const { documentWithCaptionMessage: document, associatedChildMessage: piece } = content
  const inner = document?.message ?? piece?.message
  return inner ? unwrapped(inner) : content
}
