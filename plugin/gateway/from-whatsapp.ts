import { getContentType, normalizeMessageContent, proto, toNumber, type WAMessage } from '@whiskeysockets/baileys'

import type { Chat, Person } from '../contract/ids.ts'
import { samePerson } from '../contract/ids.ts'
import type { InboundMessage, MessageContent, QuotedMessage } from '../contract/message.ts'
import { groupOfJid, namesPerson, personOfJid, personOfJids } from './identity.ts'

/** What a message is read against. */
export type Reading = {
  /** The linked number. */
  readonly self: Person
  /** Adds the other address of a person when it is known. */
  readonly complete: (person: Person) => Person
  readonly receivedAt: number
}

/**
 * A message as Baileys reports it, in our terms; null for what is none: status posts, newsletters, broadcasts, protocol
 * and history messages but edits and revokes, and what could not be decrypted.
 */
export function fromWhatsApp(message: WAMessage, reading: Reading): InboundMessage | null {
  const envelope = envelopeOf(message, reading)
  const spoken = envelope && spokenOf(normalizeMessageContent(message.message), envelope.sender)
  if (!envelope || !spoken) return null
  const context = contextOf(spoken.message)
  return {
    ...envelope,
    content: spoken.content,
    mentioned: namesPerson(context?.mentionedJid ?? [], reading.self),
    quoted: quotedOf(context, reading),
    edits: spoken.edits,
  }
}

/** The same for a message that could not be decrypted: who wrote it, where and when is known all the same. */
export function undecryptableFrom(message: WAMessage, reading: Reading): InboundMessage | null {
  const envelope = envelopeOf(message, reading)
  return envelope && { ...envelope, content: { kind: 'undecryptable' }, mentioned: false, quoted: null, edits: null }
}

type Envelope = Omit<InboundMessage, 'content' | 'mentioned' | 'quoted' | 'edits'>

function envelopeOf(message: WAMessage, reading: Reading): Envelope | null {
  const origin = originOf(message, reading)
  const stanzaId = message.key.id
  if (!origin || !stanzaId || message.category === 'peer') return null
  return {
    ...origin,
    stanzaId,
    receiver: reading.self,
    fromMe: message.key.fromMe === true,
    senderName: message.pushName || null,
    sentAt: toNumber(message.messageTimestamp) * 1000,
    receivedAt: reading.receivedAt,
  }
}

function originOf({ key }: WAMessage, { self, complete }: Reading): { chat: Chat; sender: Person } | null {
  const group = groupOfJid(key.remoteJid)
  if (group) {
    const author = personOfJids(key.participant, key.participantAlt)
    const sender = key.fromMe ? self : author && complete(author)
    return sender && { chat: { kind: 'group', group }, sender }
  }
  // What comes along with a message of ours is our own other address, not the partner's.
  const partner = key.fromMe ? personOfJid(key.remoteJid) : personOfJids(key.remoteJid, key.remoteJidAlt)
  if (!partner) return null
  const peer = samePerson(partner, self) ? self : complete(partner)
  return { chat: { kind: 'direct', peer }, sender: key.fromMe ? self : peer }
}

type Spoken = { readonly message: proto.IMessage; readonly content: MessageContent; readonly edits: string | null }

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type

function spokenOf(message: proto.IMessage | null | undefined, sender: Person): Spoken | null {
  if (!message) return null
  const protocol = message.protocolMessage
  if (protocol) {
    const target = protocol.key?.id
    if (!target) return null
    if (protocol.type === REVOKE) return revokeOf(message, protocol.key, sender)
    if (protocol.type !== MESSAGE_EDIT) return null
    const edited = spokenOf(normalizeMessageContent(protocol.editedMessage), sender)
    return edited && { ...edited, edits: target }
  }
  const content = contentOf(message)
  return content && { message, content, edits: null }
}

/** What somebody takes back that another wrote, as admins of a group may, is not the sender's own word. */
function revokeOf(message: proto.IMessage, key: proto.IMessageKey | null | undefined, sender: Person): Spoken | null {
  const author = personOfJid(key?.participant)
  if (!key?.id || (author && !samePerson(author, sender))) return null
  return { message, content: { kind: 'revoke', target: key.id }, edits: null }
}

function contentOf(message: proto.IMessage): MessageContent | null {
  if (message.reactionMessage) {
    const target = message.reactionMessage.key?.id
    return target ? { kind: 'reaction', emoji: message.reactionMessage.text ?? '', target } : null
  }
  const text = plainText(message)
  if (text !== null) return { kind: 'text', text }
  const type = getContentType(message)
  return type ? { kind: 'unsupported', type, caption: captionOf(message) } : null
}

function plainText({ conversation, extendedTextMessage }: proto.IMessage): string | null {
  if (conversation) return conversation
  return extendedTextMessage ? (extendedTextMessage.text ?? '') : (conversation ?? null)
}

const captionOf = (message: proto.IMessage): string =>
  message.imageMessage?.caption ?? message.videoMessage?.caption ?? message.documentMessage?.caption ?? ''

/** Where a message mentions and quotes lies in whichever kind it is. */
function contextOf(message: proto.IMessage): proto.IContextInfo | null {
  for (const part of Object.values(message) as unknown[]) {
    const context = (part as { contextInfo?: proto.IContextInfo | null } | null)?.contextInfo
    if (context) return context
  }
  return null
}

function quotedOf(context: proto.IContextInfo | null, { complete }: Reading): QuotedMessage | null {
  if (!context?.stanzaId) return null
  const sender = personOfJid(context.participant)
  const quoted = normalizeMessageContent(context.quotedMessage)
  const content = quoted ? contentOf(quoted) : null
  return { stanzaId: context.stanzaId, sender: sender && complete(sender), text: content && quotedText(content) }
}

const quotedText = (content: MessageContent): string | null => {
  if (content.kind === 'text') return content.text
  return content.kind === 'unsupported' && content.caption !== '' ? content.caption : null
}
