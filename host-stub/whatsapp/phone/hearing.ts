import { proto } from '@whiskeysockets/baileys'
import { inTurn, type Account, type Companion } from '../world/accounts.ts'
import { parseAddress } from '../wire/address.ts'
import { provesIdentity } from '../protocol/device-identity.ts'
import { remoteOf, unpad } from './envelope.ts'
import type { AddressingMode } from '../world/groups.ts'
import { instantNow, type Heard } from '../world/ledger.ts'
import { contextIn } from '../wire/message-context.ts'
import type { Chat, SaidMessage } from '../world/messages.ts'
import type { Overheard } from '../world/overheard.ts'
import { askAgain, confirmDelivery } from './phone-receipts.ts'
import { attribute, bytes, type Stanza } from '../wire/stanza.ts'
import { answerPlaceholders } from './placeholder-answers.ts'
import { albumIn, albumOf, remarksIn } from '../media/file-message.ts'
import type { World } from '../world/world.ts'

/** An encrypted message from a linked device to one phone. */
export interface Delivery {
  from: Companion
  to: Account
  id: string
  chat: Chat
  addressedBy: AddressingMode
  encrypted: Stanza[]
  deviceIdentity: Buffer | undefined
  /** A request from the device to its own phone, not a message in a chat. */
  isPeerRequest: boolean
}

/** Delivers a linked device's message to a phone; an offline phone gets it when it comes back. */
export function deliverToPhone(world: World, delivery: Delivery): void {
  whenOnline(delivery.to, () => hearEncrypted(world, delivery))
}

/** Delivers a phone's message to another phone. Phones of this network exchange messages unencrypted. */
export function hearSaid(world: World, listener: Account, said: SaidMessage): void {
  whenOnline(listener, () => {
    note(world, listener, said)
    return Promise.resolve()
  })
}

export function comeOnline(account: Account): Promise<void> {
  account.online = true
  const missed = account.missed.splice(0)
  return inTurn(account, async () => {
    for (const hear of missed) await hear()
  })
}

function whenOnline(account: Account, hear: () => Promise<void>): void {
  if (account.online) void inTurn(account, hear)
  else account.missed.push(hear)
}

async function hearEncrypted(world: World, delivery: Delivery): Promise<void> {
  const { from, to, id } = delivery
  try {
    const content = await decrypt(delivery)
    const text = content ? describeContent(content).text : ''
    if (delivery.isPeerRequest && content) await answerPlaceholders(world, delivery, content)
    const secret = content?.messageContextInfo?.messageSecret
    if (!delivery.isPeerRequest) {
      world.ledger.writeMessage(id, record => {
        record.found.push(text)
        if (secret) record.secrets.push(Buffer.from(secret).toString('base64'))
      })
    }
    if (content && !delivery.isPeerRequest) {
      note(world, to, { ...delivery, author: from.account, device: from.number, content })
    }
    if (from.account !== to) confirmDelivery(delivery)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'undecryptable'
    world.ledger.write(page => page.undecryptable.push({ by: to.name, id, why }))
    world.ledger.writeMessage(id, record => record.undecryptable++)
    askAgain(delivery)
  }
}

/** Reads the text of a group message using only the sender keys that the phone has. */
export async function readGroupText(phone: Account, { group, from, ciphertext }: Overheard): Promise<string> {
  const opened = await phone.groups.decrypt(senderIn(group, from), ciphertext)
  return describeContent(proto.Message.decode(unpad(opened))).text
}

/** Decrypts all ciphertexts of the stanza in order; undefined if it contained only keys. */
async function decrypt(delivery: Delivery): Promise<proto.IMessage | undefined> {
  let content: proto.IMessage | undefined
  for (const encrypted of delivery.encrypted) {
    const opened = proto.Message.decode(unpad(await openOne(delivery, encrypted)))
    const message = unwrap(delivery, opened)
    const key = message.senderKeyDistributionMessage
    if (key) await acceptSenderKey(delivery, key)
    const { senderKeyDistributionMessage: _key, messageContextInfo: _context, ...said } = message.toJSON()
    if (Object.keys(said).length > 0) content = message
  }
  return content
}

async function openOne({ from, to, chat, deviceIdentity }: Delivery, encrypted: Stanza): Promise<Uint8Array> {
  const ciphertext = bytes(encrypted) ?? Buffer.alloc(0)
  const type = attribute(encrypted, 'type')
  if (type === 'skmsg' && 'group' in chat) return to.groups.decrypt(senderIn(chat.group.id, from), ciphertext)
  if (type !== 'pkmsg' && type !== 'msg') throw new Error('unknown kind of ciphertext')
  if (type === 'pkmsg' && !provesIdentity(deviceIdentity, from.account.identity.publicKey, from.identityKey)) {
    throw new Error('device identity missing or forged')
  }
  return to.signal.decrypt(remoteOf(from), { type, bytes: ciphertext })
}

function unwrap({ from, to, chat }: Delivery, opened: proto.Message): proto.Message {
  const wrapped = opened.deviceSentMessage
  if (!wrapped?.message) return opened
  const destination = parseAddress(wrapped.destinationJid ?? undefined)
  const fits = 'peer' in chat && [chat.peer.lid, chat.peer.phoneNumber].includes(destination?.user ?? '')
  if (from.account !== to || !fits) throw new Error('message of another device that does not fit its envelope')
  return proto.Message.decode(proto.Message.encode(wrapped.message).finish())
}

async function acceptSenderKey(
  { from, to, chat }: Delivery,
  { groupId, axolotlSenderKeyDistributionMessage: key }: proto.Message.ISenderKeyDistributionMessage,
): Promise<void> {
  if (!('group' in chat) || groupId !== chat.group.id || !key) throw new Error('sender key of another group')
  await to.groups.accept(senderIn(groupId, from), key)
}

function senderIn(group: string, { account, number }: Companion) {
  return { group, user: account.lid, device: number }
}

type Noted = Pick<SaidMessage, 'id' | 'author' | 'device' | 'chat' | 'content' | 'addressedBy'>

function note(world: World, listener: Account, noted: Noted): void {
  const { id, author, device, chat, content, addressedBy } = noted
  if (world.ledger.hasHeard(listener.name, { id, author: author.name })) return
  world.messages.note({
    id,
    author,
    device,
    chat,
    content,
    addressedBy,
    revealAlternate: true,
    garbled: 0,
    resends: new Map(),
  })
  const heard = lineOn(listener, noted)
  if (device !== 0) world.bursts.noteAnswer(listener.name, heard.text)
  world.ledger.writeHeard(listener.name, heard)
}

/** A message as one phone shows it. */
export function lineOn(phone: Account, { id, author, device, chat, content }: Noted): Omit<Heard, 'sequence'> {
  return {
    id,
    ...describeContent(content),
    from: { name: author.name, phone: `+${author.phoneNumber}`, lid: author.lid, device },
    chat: 'group' in chat ? { group: chat.group.id } : { with: (author === phone ? chat.peer : author).name },
    own: author === phone,
    at: instantNow(),
    content: Buffer.from(proto.Message.encode(content).finish()).toString('base64'),
  }
}

type Description = Pick<
  Heard,
  | 'kind'
  | 'text'
  | 'mentions'
  | 'forwarded'
  | 'mentionsAll'
  | 'expiration'
  | 'quotes'
  | 'reaction'
  | 'file'
  | 'album'
  | 'pieceOf'
  | 'timerSet'
>

function describeContent(content: proto.IMessage): Description {
  const file = remarksIn(content)
  const [album, pieceOf] = [albumIn(content), albumOf(content)]
  const { conversation, extendedTextMessage: extended, reactionMessage: reaction, protocolMessage: change } = content
  const isSetting = change?.type === proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING
  const text = conversation ?? extended?.text
  const context = contextIn(content)
  const quotes = context?.stanzaId
  return {
    kind: reaction ? 'reaction' : typeof text === 'string' ? 'text' : 'other',
    text: text ?? '',
    mentions: context?.mentionedJid ?? [],
    expiration: context?.expiration || null,
    forwarded: context?.isForwarded === true,
    mentionsAll: (context?.nonJidMentions ?? 0) > 0 || (context?.groupMentions?.length ?? 0) > 0,
    ...(quotes ? { quotes } : {}),
    ...(file ? { file } : {}),
    ...(album ? { album } : {}),
    ...(pieceOf === undefined ? {} : { pieceOf }),
    ...(isSetting ? { timerSet: change.ephemeralExpiration ?? 0 } : {}),
    ...(reaction ? { reaction: { emoji: reaction.text ?? '', to: reaction.key?.id ?? '' } } : {}),
  }
}
