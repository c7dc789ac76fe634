import { randomBytes } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'

import type { OutboundContent, Quote, Remarks, Target } from '../../contract/delivery.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import { type Chat, parseAddress, type Person, personAt } from '../../contract/ids.ts'
import type { ChatTimer } from '../tables/chat-timers.ts'
import { fileMessage, type SentFilePart } from './file-message.ts'
import { isBroadcastList, jidOfAddress } from '../kinds/jid.ts'
import { mentioning } from './mentions.ts'

/** The content of a message, its chat, and when it was said. */
export type Saying = {
  readonly content: OutboundContent
  readonly chat: Chat
  readonly at: number
  /** Adds a person's other address if it is known. */
  readonly complete: (person: Person) => Person
  /** The JID of the chat, as it was when the target message came or was sent. */
  readonly named: (target: Target) => string
  /** Our own JID in this chat, now or when a message of ours was sent; null if it is not known. */
  readonly ownJid?: (target: Target) => string | null
  /** The content's file, already on WhatsApp's hosts; null if there is none. */
  readonly file: SentFilePart | null
  /** After how long messages in the chat disappear; null or missing: they stay. */
  readonly timer?: ChatTimer | null
}

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type
/** Votes, reactions, remarks and edits are sealed with the secret of the message that they are about (whatsapp-protocol.md §3). */
const SECRET_BYTES = 32

/** The protobuf of a message. Make it only once: each call creates another secret. */
export function renderMessage(saying: Saying): Uint8Array {
  return proto.Message.encode({ ...messageOf(saying), ...secretOf(saying.content) }).finish()
}

/**
 * A secret for each message, as in WhatsApp's clients: whatsmeow (send.go, `needsMessageSecret`), Baileys rc14
 * (`generateWAMessageContent`). A message that only changes another one gets none, because nothing is said about it.
 */
function secretOf({ kind }: OutboundContent): Pick<proto.IMessage, 'messageContextInfo'> {
  const isChange = kind === 'reaction' || kind === 'edit' || kind === 'delete'
  return isChange ? {} : { messageContextInfo: { messageSecret: randomBytes(SECRET_BYTES) } }
}

function messageOf(saying: Saying): proto.IMessage {
  const { content, at } = saying
  switch (content.kind) {
    case 'text':
      return textOf(content.text, content, saying)
    case 'media':
      return mediaOf(content, saying)
    case 'reaction':
      return { reactionMessage: { key: targetKey(content.target, saying), text: content.emoji, senderTimestampMs: at } }
    case 'location': {
      const { latitude, longitude, name, address } = content
      const place = { degreesLatitude: latitude, degreesLongitude: longitude, name, address }
      return { locationMessage: { ...place, ...contextOf(content, saying) } }
    }
    case 'contact': {
      const card = { displayName: content.name, vcard: vcardOf(content, saying.complete) }
      return { contactMessage: { ...card, ...contextOf(content, saying) } }
    }
    case 'poll':
      return pollOf(content, contextOf(content, saying))
    case 'edit': {
      const editedMessage = { conversation: content.text }
      return changeOf({ type: MESSAGE_EDIT, key: targetKey(content.target, saying), editedMessage, timestampMs: at })
    }
    case 'delete':
      return changeOf({ type: REVOKE, key: targetKey(content.target, saying) })
    case 'forgotten':
      throw new ChannelError('bad_request')
  }
}

const changeOf = (protocolMessage: proto.Message.IProtocolMessage): proto.IMessage => ({ protocolMessage })

/** A plain text unless it quotes or mentions somebody, or disappears, as phones write it. */
function textOf(text: string, { quote, mentions = [] }: Remarks, saying: Saying): proto.IMessage {
  const { text: written, mentionedJid } = mentioning(text, mentions, saying.complete)
  const { contextInfo } = contextOf({ ...(quote && { quote }) }, saying, mentionedJid)
  // A text with mentions is extended even if none of the people can be named.
  if (!contextInfo && mentions.length === 0) return { conversation: text }
  return { extendedTextMessage: { text: written, contextInfo: contextInfo ?? {} } }
}

type MediaContent = Extract<OutboundContent, { kind: 'media' }>

function mediaOf({ file: { fileName }, caption, ...remarks }: MediaContent, saying: Saying): proto.IMessage {
  const { file, at, complete } = saying
  if (!file) throw new ChannelError('bad_request')
  const { text, mentionedJid } = mentioning(caption, remarks.mentions ?? [], complete)
  const { contextInfo = null } = contextOf(remarks, saying, mentionedJid)
  return fileMessage(file, { caption: text, fileName, at, contextInfo })
}

/** The context of any content: what it quotes, whom it mentions, and when it disappears. */
function contextOf(
  { quote }: Remarks,
  saying: Saying,
  mentionedJid: readonly string[] = [],
): { contextInfo?: proto.IContextInfo } {
  const { timer } = saying
  const contextInfo = {
    ...(quote && quotationOf(quote, saying)),
    ...(mentionedJid.length > 0 && { mentionedJid: [...mentionedJid] }),
    ...(timer && { expiration: timer.seconds, ephemeralSettingTimestamp: timer.setAt }),
  }
  return Object.keys(contextInfo).length > 0 ? { contextInfo } : {}
}

function quotationOf(quote: Quote, saying: Saying): proto.IContextInfo {
  const { stanzaId, text } = quote
  const participant = authorOf(quote, saying)
  return { stanzaId, ...(participant && { participant }), quotedMessage: { conversation: text } }
}

type PollContent = Extract<OutboundContent, { kind: 'poll' }>

/** Phones use another version for a poll with a single choice than for one with several. */
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
  return most === 1 ? { pollCreationMessageV3: poll } : { pollCreationMessage: poll }
}

/** WhatsApp finds the person of a card by the digits of `waid`. */
function vcardOf({ name, phone }: Extract<OutboundContent, { kind: 'contact' }>, complete: Saying['complete']): string {
  const address = parseAddress(phone)
  const known = address && address.kind !== 'group' ? complete(personAt(address)).phone : null
  const written = name.replaceAll(/[\r\n]+/g, ' ').replaceAll(/([\\;,])/g, String.raw`\$1`)
  const telephone = known ? [`TEL;type=CELL;type=VOICE;waid=${known.slice(1)}:${known}`] : []
  return ['BEGIN:VCARD', 'VERSION:3.0', `N:;${written};;;`, `FN:${written}`, ...telephone, 'END:VCARD'].join('\n')
}

/** The author of the quoted message, as in its stanza. */
function authorOf(quote: Quote, { ownJid }: Saying): string | null {
  const { key, fromMe, sender } = quote
  if (key?.participant) return key.participant
  if (fromMe) return ownJid?.(quote) ?? jidOfAddress(sender)
  return key?.remoteJid ?? jidOfAddress(sender)
}

/** The key with which the target came. A message to a broadcast list is in the chat with its author, for us and for them. */
function asItCame({ key, fromMe, stanzaId: id }: Target): proto.IMessageKey | null {
  if (!key) return null
  const { remoteJid, participant } = key
  if (isBroadcastList(remoteJid) && participant) return { remoteJid: participant, fromMe, id }
  return { remoteJid, fromMe, id, ...(participant && { participant }) }
}

/**
 * The key with which the target came, if it was stored. Else, in a group, the key also names the author; a message of ours needs no
 * author.
 */
function targetKey(target: Target, { chat, named }: Saying): proto.IMessageKey {
  const came = asItCame(target)
  if (came) return came
  const key = { remoteJid: named(target), fromMe: target.fromMe, id: target.stanzaId }
  if (chat.kind === 'direct' || target.fromMe) return key
  const participant = jidOfAddress(target.sender)
  if (!participant) throw new ChannelError('bad_request', 'The message reacted to has no sender that can be named.')
  return { ...key, participant }
}
