import type { proto } from '@whiskeysockets/baileys'
import { companionName, inTurn, meet, personalAddress, type Account, type Companion } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import { encryptedStanza, encryptFor, messageType, pad, remoteOf } from './envelope.ts'
import type { AddressingMode, Group } from '../world/groups.ts'
import { hearSaid, lineOn } from './hearing.ts'
import { makeMessageId } from '../wire/message-id.ts'
import type { SaidMessage } from '../world/messages.ts'
import type { KeyBundle } from '../crypto/phone-signal.ts'
import { isHidden } from '../protocol/addressing.ts'
import { takeBundle } from '../protocol/encrypt.ts'
import { secondsNow, stanza, type Stanza } from '../wire/stanza.ts'
import { announceToken, tokenOnMessage } from '../protocol/tokens.ts'
import type { World } from '../world/world.ts'

export type Draft = Omit<SaidMessage, 'id' | 'device' | 'resends'> & { id?: string | undefined }

export interface Letter {
  companion: Companion
  stanza: Stanza
}

const resendLimit = 5
/** Counted from the end: inside the authenticated part of every kind of ciphertext. */
const garbledByte = 24

/** A phone sends a message: every other phone of the chat gets it unencrypted, every linked device gets it encrypted. */
export async function say(world: World, draft: Draft): Promise<string> {
  const message = noted(world, draft)
  world.ledger.writeSaid(message.author.name, lineOn(message.author, message))
  await inTurn(message.author, async () => {
    const letters = await seal(world, message)
    if ('peer' in message.chat) announceToken(world, message.author, message.chat.peer)
    for (const { companion, stanza } of letters) companion.queue.post(stanza)
  })
  return message.id
}

/** Encrypts a message for each linked device without sending it; the caller sends it later. */
export async function prepare(world: World, draft: Draft): Promise<{ id: string; letters: Letter[] }> {
  const message = noted(world, draft)
  return { id: message.id, letters: await inTurn(message.author, () => seal(world, message)) }
}

function noted(world: World, draft: Draft): SaidMessage {
  const revealAlternate = draft.revealAlternate && !isHidden(world.behaviours, draft.author)
  const id = draft.id ?? makeMessageId()
  const message: SaidMessage = { ...draft, id, revealAlternate, device: 0, resends: new Map() }
  world.messages.note(message)
  if ('peer' in message.chat) meet(message.author, message.chat.peer)
  return message
}

/** Handles a linked device that could not decrypt a message: the author encrypts it again, in a new session. */
export async function sayAgain(
  world: World,
  companion: Companion,
  { id, bundle }: { id: string; bundle: KeyBundle | undefined },
): Promise<void> {
  const message = world.messages.find(id)
  const asked = message?.resends.get(companionName(companion)) ?? 0
  if (!message || message.device !== 0 || asked >= resendLimit) return
  message.resends.set(companionName(companion), asked + 1)
  await inTurn(message.author, async () => {
    const { author, chat, content } = message
    await author.signal.open(remoteOf(companion), bundle ?? takeBundle(companion))
    const key = 'group' in chat ? { senderKeyDistributionMessage: await senderKey(author, chat.group) } : {}
    const encrypted = await encryptFor(author, companion, forDevice(message, companion, { ...content, ...key }))
    encrypted.attrs['count'] = String(asked + 1)
    companion.queue.post(messageStanza(world, message, { companion, encrypted: [encrypted] }))
  })
}

async function seal(world: World, message: SaidMessage): Promise<Letter[]> {
  const { author, chat, content } = message
  const audience = 'group' in chat ? chat.group.members : [...new Set([chat.peer, author])]
  for (const listener of audience) if (listener !== author) hearSaid(world, listener, message)
  const companions = audience.flatMap(({ companions: linked }) => [...linked.values()])
  if (companions.length === 0) return []
  const sealed = 'group' in chat ? await groupCiphertexts(message, chat.group, companions) : undefined
  const letters: Letter[] = []
  for (const companion of companions) {
    const encrypted = sealed?.get(companion) ?? [
      await encryptFor(author, companion, forDevice(message, companion, content)),
    ]
    letters.push({ companion, stanza: messageStanza(world, message, { companion, encrypted }) })
  }
  return letters
}

/** Encrypts the message once for all devices. A device that lacks the author's sender key gets the key first. */
async function groupCiphertexts(
  { author, content, addressedBy }: SaidMessage,
  group: Group,
  companions: Companion[],
): Promise<Map<Companion, Stanza[]>> {
  const keyMessage = { senderKeyDistributionMessage: await senderKey(author, group) }
  const shared = author.groups.encrypt(groupSender(author, group), pad(content))
  const sealed = new Map<Companion, Stanza[]>()
  for (const companion of companions) {
    const holder = `${group.id} ${addressedBy} ${companionName(companion)}`
    const key = author.groups.hasGivenTo(holder) ? [] : [await encryptFor(author, companion, keyMessage)]
    author.groups.noteGivenTo(holder)
    sealed.set(companion, [...key, encryptedStanza({ type: 'skmsg', bytes: Buffer.from(shared) }, content)])
  }
  return sealed
}

async function senderKey(author: Account, group: Group): Promise<proto.Message.ISenderKeyDistributionMessage> {
  const distribution = await author.groups.distribution(groupSender(author, group))
  return { groupId: group.id, axolotlSenderKeyDistributionMessage: distribution }
}

function groupSender({ lid }: Account, { id }: Group) {
  return { group: id, user: lid, device: 0 }
}

/** The content for one device. An author's own devices get a direct message in the wrapper for messages sent by another device. */
function forDevice(message: SaidMessage, companion: Companion, content: proto.IMessage): proto.IMessage {
  if (companion.account !== message.author || 'group' in message.chat) return content
  const destinationJid = addressOf(message.chat.peer, message.addressedBy)
  // The message context is placed beside the wrapper, not in it.
  const { messageContextInfo, ...said } = content
  return { deviceSentMessage: { destinationJid, message: said }, ...(messageContextInfo && { messageContextInfo }) }
}

function messageStanza(
  world: World,
  message: SaidMessage,
  { companion, encrypted }: { companion: Companion; encrypted: Stanza[] },
): Stanza {
  const { id, author, chat, content, addressedBy, unavailable } = message
  const isGarbled = message.garbled > 0
  if (isGarbled) message.garbled -= 1
  const parts = isGarbled ? encrypted.map(garble) : encrypted
  const carried = unavailable === undefined ? parts : [stanza('unavailable', { type: unavailable || undefined })]
  const token = 'peer' in chat ? tokenOnMessage(world, author, companion.account) : []
  const attributes = {
    id,
    t: secondsNow(),
    type: messageType(content),
    notify: author.pushName,
    addressing_mode: addressedBy,
    ...route(message, companion),
  }
  return stanza('message', attributes, [...carried, ...token])
}

function route({ author, chat, addressedBy, revealAlternate, list }: SaidMessage, { account }: Companion) {
  const other = addressedBy === 'lid' ? 'pn' : 'lid'
  const alternate = (role: string, person: Account) =>
    revealAlternate ? { [`${role}_${other}`]: addressOf(person, other) } : {}
  const self = addressOf(author, addressedBy)
  if ('group' in chat) return { from: chat.group.id, participant: self, ...alternate('participant', author) }
  if (account !== author && list !== undefined)
    return { from: `${list}@broadcast`, participant: self, ...alternate('participant', author) }
  if (account !== author) return { from: self, ...alternate('sender', author) }
  return { from: self, recipient: addressOf(chat.peer, addressedBy), ...alternate('peer_recipient', chat.peer) }
}

export function addressOf(account: Account, mode: AddressingMode): string {
  return formatAddress(personalAddress(account, mode === 'lid' ? 'lid' : 's.whatsapp.net'))
}

function garble(encrypted: Stanza): Stanza {
  const broken = Buffer.from(encrypted.content as Uint8Array)
  const position = broken.length - garbledByte
  broken.writeUInt8(broken.readUInt8(position) ^ 0xff, position)
  return { ...encrypted, content: broken }
}
