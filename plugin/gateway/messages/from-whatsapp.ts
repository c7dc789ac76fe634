import { jidNormalizedUser, proto, toNumber, type WAMessage } from '@whiskeysockets/baileys'

import { bounded } from '../../contract/bounded.ts'
import { claimed } from '../../contract/claimed.ts'
import { type MessageContent, textOf } from '../../contract/content.ts'
import { type Chat, type Person, samePerson } from '../../contract/ids.ts'
import type { InboundMessage, MessageKey, QuotedMessage } from '../../contract/message.ts'
import { contentOf } from '../kinds/content.ts'
import { contextOf, forwardingOf, mentionsAll } from '../kinds/message-context.ts'
import { groupOfJid, isBroadcastList, namesPerson, personOfJid, personOfJids } from '../kinds/jid.ts'
import { fileNameOf } from '../tables/file-refs.ts'
import type { EncryptedVote } from '../kinds/poll-vote.ts'
import { sealedIn, type Opened, type SealedChange } from '../kinds/sealed-change.ts'
import type { Secrets } from '../tables/secrets.ts'
import { unwrapped } from '../kinds/unwrap.ts'

/**
 * Three times what phones let a person write. Everything that is stored of a message is read at once, while everybody else waits.
 */
const KEPT_LETTERS_MOST = 200_000

/** The context in which a message is read. */
export type Reading = {
  /** The linked number. */
  readonly self: Person
  /** Adds a person's other address if it is known. */
  readonly complete: (person: Person) => Person
  /** The options that a vote chose; null if its poll is not known. */
  readonly choice: (vote: EncryptedVote) => readonly string[] | null
  /** The content of a sealed change, or why it cannot be read. */
  readonly open: Secrets['open']
  readonly receivedAt: number
}

/**
 * A message that Baileys reports, in our terms. Null for everything that is no conversation message: status posts, newsletters,
 * protocol and history messages except edits and revokes, and messages that could not be decrypted.
 */
export const fromWhatsApp = (message: WAMessage, reading: Reading): InboundMessage | null =>
  readMessage(message, reading)?.message ?? null

/** A message, and the part of it that has the content, unsealed and without its wrappers. */
export type ReadMessage = { readonly message: InboundMessage; readonly said: proto.IMessage }

/** The same as `fromWhatsApp`, with the part that has the content. */
export function readMessage(message: WAMessage, reading: Reading): ReadMessage | null {
  const envelope = envelopeOf(message, reading)
  const jid = authorJidOf(message)
  const spoken = envelope && message.message ? spokenOf(message.message, { ...envelope, ...reading, jid }) : null
  return envelope && spoken && { message: spokenIn(envelope, spoken, reading), said: spoken.message }
}

/** The JID of a message's author, as in the stanza; null for our own message in a direct chat. */
export const authorJidOf = ({ key }: WAMessage): string | null =>
  key.participant || (key.fromMe ? null : key.remoteJid) || null

function spokenIn(envelope: Envelope, spoken: Spoken, reading: Reading): InboundMessage {
  const context = contextOf(spoken.message)
  const said = { content: spoken.content, quoted: quotedOf(context, reading) }
  const { content, quoted } = bounded(said, KEPT_LETTERS_MOST)
  return {
    ...envelope,
    content,
    file: content.kind === 'media' ? fileNameOf({ ...envelope, edits: spoken.edits }) : null,
    mentioned: namesPerson(context?.mentionedJid ?? [], reading.self),
    mentionsAll: mentionsAll(context, envelope.chat),
    quoted: quoted && claimed(quoted),
    forwarded: forwardingOf(context),
    edits: spoken.edits,
  }
}

/** The same for a message that could not be decrypted: its author, chat and time are known all the same. */
export const undecryptableFrom = (message: WAMessage, reading: Reading): InboundMessage | null =>
  unreadFrom(message, reading, { kind: 'undecryptable' })

/** The same for a message that was decrypted, and whose content is of a type unknown here. */
export const unknownFrom = (message: WAMessage, reading: Reading): InboundMessage | null =>
  unreadFrom(message, reading, UNKNOWN)

/** The same for a message that only the phone shows. */
export const viewOnceFrom = (message: WAMessage, reading: Reading): InboundMessage | null =>
  unreadFrom(message, reading, { kind: 'view_once' })

const UNKNOWN: MessageContent = { kind: 'unsupported', type: 'unknown', caption: '' }

function unreadFrom(message: WAMessage, reading: Reading, content: MessageContent): InboundMessage | null {
  const envelope = envelopeOf(message, reading)
  return envelope && { ...envelope, content, file: null, ...NOTHING_BESIDES, edits: null }
}

const NOTHING_BESIDES = { mentioned: false, mentionsAll: false, quoted: null, forwarded: null }

type Envelope = Omit<InboundMessage, 'content' | 'file' | 'edits' | keyof typeof NOTHING_BESIDES>

function envelopeOf(message: WAMessage, reading: Reading): Envelope | null {
  const origin = originOf(message, reading)
  const stanzaId = message.key.id
  if (!origin || !stanzaId || message.category === 'peer') return null
  return {
    ...origin,
    stanzaId,
    key: keyOf(message),
    receiver: reading.self,
    fromMe: message.key.fromMe === true,
    senderName: message.pushName || null,
    sentAt: toNumber(message.messageTimestamp) * 1000,
    receivedAt: reading.receivedAt,
  }
}

const keyOf = ({ key: { remoteJid, participant } }: WAMessage): MessageKey => ({
  remoteJid: jidNormalizedUser(remoteJid ?? ''),
  participant: participant ? jidNormalizedUser(participant) : null,
})

function originOf({ key }: WAMessage, { self, complete }: Reading): { chat: Chat; sender: Person } | null {
  const group = groupOfJid(key.remoteJid)
  if (group) {
    const author = personOfJids(key.participant, key.participantAlt)
    const sender = key.fromMe ? self : author && complete(author)
    return sender && { chat: { kind: 'group', group }, sender }
  }
  if (isBroadcastList(key.remoteJid)) return listedFrom(key, { self, complete })
  // On a message of ours, the second address is our own, not the partner's.
  const partner = key.fromMe ? personOfJid(key.remoteJid) : personOfJids(key.remoteJid, key.remoteJidAlt)
  if (!partner) return null
  const peer = samePerson(partner, self) ? self : complete(partner)
  return { chat: { kind: 'direct', peer }, sender: key.fromMe ? self : peer }
}

/** A message that a person writes to a broadcast list is in the chat with that person; what we write to a list is in no chat. */
function listedFrom(
  { participant, participantAlt, remoteJidAlt }: WAMessage['key'],
  { self, complete }: Pick<Reading, 'self' | 'complete'>,
): { chat: Chat; sender: Person } | null {
  const author = personOfJids(participant, participantAlt ?? remoteJidAlt)
  if (!author || samePerson(author, self)) return null
  const sender = complete(author)
  return { chat: { kind: 'direct', peer: sender }, sender }
}

type Spoken = { readonly message: proto.IMessage; readonly content: MessageContent; readonly edits: string | null }
type Speaker = Pick<InboundMessage, 'chat' | 'sender'> &
  Pick<Reading, 'choice' | 'complete' | 'open'> & { readonly jid: string | null }

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type

function spokenOf(said: proto.IMessage, speaker: Speaker): Spoken | null {
  const inner = unwrapped(said)
  if (!inner) return { message: said, content: UNKNOWN, edits: null }
  const { message } = inner
  const { protocolMessage, pollUpdateMessage } = message
  if (protocolMessage) return changeOf(message, protocolMessage, speaker)
  const sealed = sealedIn(message)
  if (sealed) return openedOf(message, sealed, speaker)
  const content = pollUpdateMessage ? voteOf(pollUpdateMessage, speaker) : contentOf(inner)
  return content && { message, content, edits: null }
}

/** The content of a sealed change; the sealed change with the reason, if it cannot be read. */
function openedOf(message: proto.IMessage, sealed: SealedChange, speaker: Speaker): Spoken {
  const { what, key } = sealed
  const plain = speaker.open(sealed, speaker)
  const spoken = typeof plain === 'string' ? null : readableIn(sealed, plain, speaker)
  if (spoken) return spoken
  const reason = typeof plain === 'string' ? plain : 'malformed'
  return { message, content: { kind: 'sealed', what, target: key?.id || null, reason }, edits: null }
}

/** A sender may seal any bytes. */
function readableIn({ read }: SealedChange, plain: Uint8Array, speaker: Speaker): Spoken | null {
  try {
    const opened: Opened = read(plain)
    return 'content' in opened
      ? { message: {}, content: opened.content, edits: null }
      : spokenOf(opened.message, speaker)
  } catch {
    return null
  }
}

/** A change of another message; null for all protocol messages between a person's devices. */
function changeOf(message: proto.IMessage, change: proto.Message.IProtocolMessage, speaker: Speaker): Spoken | null {
  if (change.type === REVOKE) return revokeOf(message, change.key, speaker)
  const target = change.key?.id
  const inner = change.type === MESSAGE_EDIT && target ? unwrapped(change.editedMessage) : null
  const content = inner && contentOf(inner)
  return content && target ? { message: inner.message, content, edits: target } : null
}

function voteOf(
  { pollCreationMessageKey, vote }: proto.Message.IPollUpdateMessage,
  { chat, sender, choice }: Speaker,
): MessageContent | null {
  const target = pollCreationMessageKey?.id
  if (!target) return null
  const { encPayload, encIv } = vote ?? {}
  const options = encPayload && encIv ? choice({ chat, voter: sender, target, encPayload, encIv }) : null
  return { kind: 'poll_vote', target, options }
}

/** A person who revokes another's message must be an admin of the group; in a direct chat nobody can. */
function revokeOf(
  message: proto.IMessage,
  key: proto.IMessageKey | null | undefined,
  { chat, sender, complete }: Pick<Speaker, 'chat' | 'sender' | 'complete'>,
): Spoken | null {
  if (!key?.id) return null
  const named = personOfJid(key.participant)
  const author = named && complete(named)
  const another = author && !samePerson(author, sender) ? author : null
  if (another && chat.kind === 'direct') return null
  return { message, content: { kind: 'revoke', target: key.id, ...(another && { author: another }) }, edits: null }
}

function quotedOf(context: proto.IContextInfo | null, { complete }: Reading): QuotedMessage | null {
  if (!context?.stanzaId) return null
  const sender = personOfJid(context.participant)
  const inner = unwrapped(context.quotedMessage)
  const content = inner && contentOf(inner)
  const text = content && (content.kind === 'text' ? content.text : textOf(content) || null)
  return { stanzaId: context.stanzaId, sender: sender && complete(sender), text }
}
