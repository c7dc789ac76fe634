import { randomBytes } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'

import type { OutboundContent, Quote, Remarks, Target } from '../contract/delivery.ts'
import { ChannelError } from '../contract/errors.ts'
import type { Chat, Person } from '../contract/ids.ts'
import { parseAddress, personAt } from '../contract/ids.ts'
import { fileMessage, type SentFilePart } from './file-message.ts'
import { jidOfAddress } from './identity.ts'
import { mentioning } from './mentions.ts'

/** What is said, where, and when it was said. */
export type Saying = {
  readonly content: OutboundContent
  readonly chat: Chat
  readonly at: number
  /** Adds the other address of a person when it is known. */
  readonly complete: (person: Person) => Person
  /** The JID of the chat under which a message of it came, or went out. */
  readonly named: (target: Target) => string
  /** The file that it brings, which lies on WhatsApp's hosts by now; null when it brings none. */
  readonly file: SentFilePart | null
}

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type
/** What the votes in a poll are sealed with (whatsapp-protocol.md §3). */
const SECRET_BYTES = 32

/** The protobuf of what is to be said. It is made once: a poll has a secret of its own each time. */
export function renderMessage(saying: Saying): Uint8Array {
  return proto.Message.encode(messageOf(saying)).finish()
}

function messageOf(saying: Saying): proto.IMessage {
  const { content, at, complete } = saying
  switch (content.kind) {
    case 'text':
      return textOf(content.text, content, complete)
    case 'media':
      return mediaOf(content, saying)
    case 'reaction':
      return { reactionMessage: { key: targetKey(content.target, saying), text: content.emoji, senderTimestampMs: at } }
    case 'location': {
      const { latitude, longitude, name, address } = content
      const place = { degreesLatitude: latitude, degreesLongitude: longitude, name, address }
      return { locationMessage: { ...place, ...contextOf(content) } }
    }
    case 'contact': {
      const card = { displayName: content.name, vcard: vcardOf(content, complete) }
      return { contactMessage: { ...card, ...contextOf(content) } }
    }
    case 'poll':
      return pollOf(content, contextOf(content))
    case 'edit': {
      const editedMessage = { conversation: content.text }
      return changeOf({ type: MESSAGE_EDIT, key: targetKey(content.target, saying), editedMessage, timestampMs: at })
    }
    case 'delete':
      return changeOf({ type: REVOKE, key: targetKey(content.target, saying) })
  }
}

const changeOf = (protocolMessage: proto.Message.IProtocolMessage): proto.IMessage => ({ protocolMessage })

/** Plain unless it answers or mentions somebody, as phones write it. */
function textOf(text: string, { quote, mentions = [] }: Remarks, complete: Saying['complete']): proto.IMessage {
  if (!quote && mentions.length === 0) return { conversation: text }
  const { text: written, mentionedJid } = mentioning(text, mentions, complete)
  const context = { ...(quote && quotationOf(quote)), ...(mentionedJid.length > 0 && { mentionedJid }) }
  return { extendedTextMessage: { text: written, contextInfo: context } }
}

type MediaContent = Extract<OutboundContent, { kind: 'media' }>

function mediaOf(
  { file: { fileName }, caption, ...remarks }: MediaContent,
  { file, at, complete }: Saying,
): proto.IMessage {
  if (!file) throw new ChannelError('bad_request')
  const { quote, mentions = [] } = remarks
  const { text, mentionedJid } = mentioning(caption, mentions, complete)
  const context = { ...(quote && quotationOf(quote)), ...(mentionedJid.length > 0 && { mentionedJid }) }
  const contextInfo = Object.keys(context).length > 0 ? context : null
  return fileMessage(file, { caption: text, fileName, at, contextInfo })
}

function contextOf({ quote }: Remarks): { contextInfo?: proto.IContextInfo } {
  return quote ? { contextInfo: quotationOf(quote) } : {}
}

function quotationOf({ stanzaId, sender, text }: Quote): proto.IContextInfo {
  const participant = jidOfAddress(sender)
  return { stanzaId, ...(participant && { participant }), quotedMessage: { conversation: text } }
}

type PollContent = Extract<OutboundContent, { kind: 'poll' }>

/** Phones make one with a single choice in another version than one with several. */
function pollOf(
  { question, options, most }: PollContent,
  context: { contextInfo?: proto.IContextInfo },
): proto.IMessage {
  const poll = {
    name: question,
    options: options.map(optionName => ({ optionName })),
    selectableOptionsCount: most,
    ...context,
  }
  const messageContextInfo = { messageSecret: randomBytes(SECRET_BYTES) }
  return most === 1
    ? { messageContextInfo, pollCreationMessageV3: poll }
    : { messageContextInfo, pollCreationMessage: poll }
}

/** WhatsApp finds the person of a card by the digits of `waid`. */
function vcardOf({ name, phone }: Extract<OutboundContent, { kind: 'contact' }>, complete: Saying['complete']): string {
  const address = parseAddress(phone)
  const known = address && address.kind !== 'group' ? complete(personAt(address)).phone : null
  const written = name.replaceAll(/[\r\n]+/g, ' ').replaceAll(/([\\;,])/g, String.raw`\$1`)
  const telephone = known ? [`TEL;type=CELL;type=VOICE;waid=${known.slice(1)}:${known}`] : []
  return ['BEGIN:VCARD', 'VERSION:3.0', `N:;${written};;;`, `FN:${written}`, ...telephone, 'END:VCARD'].join('\n')
}

/** In a group the key also names who wrote the message; a message of ours needs no name. */
function targetKey(target: Target, { chat, named }: Saying): proto.IMessageKey {
  const key = { remoteJid: named(target), fromMe: target.fromMe, id: target.stanzaId }
  if (chat.kind === 'direct' || target.fromMe) return key
  const participant = jidOfAddress(target.sender)
  if (!participant) throw new ChannelError('bad_request', 'The message reacted to has no sender that can be named.')
  return { ...key, participant }
}
