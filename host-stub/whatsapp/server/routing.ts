import { companionName, meet, personalAddress, type Account, type Companion } from '../world/accounts.ts'
import { formatAddress, parseAddress, type Address } from '../wire/address.ts'
import { addressingOf, refusalOf } from '../protocol/addressing.ts'
import { takeFault } from '../world/faults.ts'
import type { AddressingMode } from '../world/groups.ts'
import { deliverToPhone } from '../phone/hearing.ts'
import { isHosted } from '../protocol/hosted-device.ts'
import type { Chat } from '../world/messages.ts'
import { chatDevices, inFull, participantHash } from '../protocol/participant-hash.ts'
import { ProtocolBreach } from '../protocol/query.ts'
import { attribute, bytes, child, children, secondsNow, stanza, type Stanza } from '../wire/stanza.ts'
import { isTimeLocked } from '../protocol/time-lock.ts'
import type { World } from '../world/world.ts'

interface Parcel {
  account: Account
  device: number
  encrypted: Stanza[]
}

interface Letter {
  id: string
  from: Companion
  chat: Chat
  addressedBy: AddressingMode
  node: Stanza
}

const forbidden = 403
const unknownPerson = 404
const unwanted = 463

/** A linked device sends a message: the server accepts it, acknowledges it, and delivers it to every addressed device. */
export function routeMessage(world: World, from: Companion, node: Stanza): void {
  const id = attribute(node, 'id')
  const to = parseAddress(attribute(node, 'to'))
  if (id === undefined || !to) throw new ProtocolBreach('message without id or addressee')
  world.ledger.writeMessage(id, record => {
    record.transmissions += 1
    record.addressed.push(addressingOf(node, to))
  })
  const fault = attribute(node, 'category') === 'peer' ? undefined : takeFault(from.account.faults.sends)
  const chat = findChat(world, from, { to, node })
  if (!fault || fault.deliver) {
    if (typeof chat !== 'number') carry(world, { id, from, chat, addressedBy: modeOf(world, to), node })
  }
  const ack = fault?.ack
  if (ack === 'drop') from.connection?.drop()
  else if (ack === 'hold') {
    from.account.faults.heldAcks.push(() => acknowledge(world, from, { node, error: errorOf(world, chat) }))
  } else if (ack !== 'withhold') acknowledge(world, from, { node, error: ack ?? errorOf(world, chat) })
}

function errorOf({ behaviours }: World, chat: Chat | number): number | undefined {
  if (chat === unknownPerson && behaviours.acks_unknown) return undefined
  return typeof chat === 'number' ? chat : undefined
}

function acknowledge(
  world: World,
  from: Companion,
  { node, error }: { node: Stanza; error: number | undefined },
): void {
  const id = attribute(node, 'id') ?? ''
  world.ledger.writeMessage(id, record => record.acks.push(error === undefined ? 'ok' : String(error)))
  const phash = error === undefined ? hashFor(world, from, node) : undefined
  const attributes = { class: 'message', id, from: attribute(node, 'to'), t: secondsNow(), phash }
  from.connection?.send(stanza('ack', { ...attributes, error: error === undefined ? undefined : String(error) }))
}

/** The hash of the devices that the server believes are in the chat, if the behaviour includes it in the ack. */
function hashFor(world: World, from: Companion, node: Stanza): string | undefined {
  const to = parseAddress(attribute(node, 'to'))
  const chat = to && findChat(world, from, { to, node })
  const { ack_phash: when } = world.behaviours
  const isSaidToAll = attribute(node, 'category') !== 'peer' && attribute(node, 'participant') === undefined
  if (when === 'never' || !to || typeof chat !== 'object' || !isSaidToAll) return undefined
  const hash = participantHash(chatDevices(from, chat, modeOf(world, to)))
  const named =
    'group' in chat ? attribute(node, 'phash') : participantHash(encryptedFor(from, node, modeOf(world, to)))
  return when === 'differing' && named === hash ? undefined : hash
}

/** The devices for which a direct message was encrypted, and the sending device. */
function encryptedFor(from: Companion, node: Stanza, mode: AddressingMode): string[] {
  const self = personalAddress(from.account, mode === 'lid' ? 'lid' : 's.whatsapp.net')
  const targets = children(child(node, 'participants'), 'to').flatMap(to => parseAddress(attribute(to, 'jid')) ?? [])
  return [...targets, { ...self, device: from.number }].map(({ user, device, server }) => inFull(user, device, server))
}

function findChat(world: World, from: Companion, { to, node }: { to: Address; node: Stanza }): Chat | number {
  if (to.server === 'g.us') {
    const group = world.groups.at(to)
    if (!group?.members.includes(from.account)) return forbidden
    return refusalOf(world, from, { to, chat: { group }, node }) ?? { group }
  }
  const peer = world.accounts.at(parseAddress(attribute(node, 'recipient')) ?? to)
  if (!peer) return unknownPerson
  const begins = peer !== from.account && !from.account.acquainted.has(peer)
  if (begins && isTimeLocked(from.account)) return unwanted
  return refusalOf(world, from, { to, chat: { peer }, node }) ?? { peer }
}

function modeOf(world: World, to: Address): AddressingMode {
  if (to.server === 'g.us') return world.groups.at(to)?.addressingMode ?? 'lid'
  return to.server === 'lid' ? 'lid' : 'pn'
}

function carry(world: World, letter: Letter): void {
  if ('peer' in letter.chat) meet(letter.from.account, letter.chat.peer)
  world.overheard.note(letter)
  for (const parcel of parcels(world, letter)) {
    const { account, device, encrypted } = parcel
    const companion = account.companions.get(device)
    if (companion) companion.queue.post(forCompanion(letter, companion, encrypted))
    else if (device === 0 || account.hosted === account) {
      const deviceIdentity = bytes(child(letter.node, 'device-identity'))
      const isPeerRequest = attribute(letter.node, 'category') === 'peer'
      deliverToPhone(world, { ...letter, to: account, encrypted, deviceIdentity, isPeerRequest })
    }
  }
}

/** Which ciphertexts are for which device: one per device, in a group also the common one. */
function parcels(world: World, { chat, from, node }: Letter): Parcel[] {
  const found = new Map<string, Parcel>()
  const add = (account: Account, device: number, encrypted: Stanza[]) => {
    const key = `${account.name}:${device}`
    const parcel = found.get(key) ?? { account, device, encrypted: [] }
    parcel.encrypted.push(...encrypted)
    found.set(key, parcel)
  }
  for (const target of children(child(node, 'participants'), 'to')) {
    const address = parseAddress(attribute(target, 'jid'))
    const account = address && world.accounts.at(address)
    if (account) add((isHosted(address) && account.hosted) || account, address.device, children(target, 'enc'))
  }
  const common = children(node, 'enc')
  const alone = parseAddress(attribute(node, 'participant') ?? attribute(node, 'to'))
  const receiver = alone && world.accounts.at(alone)
  if (common.length > 0 && receiver) add(receiver, alone.device, common)
  else if (common.length > 0 && 'group' in chat) {
    for (const [account, device] of devicesOf(chat.group.members)) add(account, device, common)
  }
  found.delete(companionName(from))
  return [...found.values()]
}

function devicesOf(members: Account[]): [Account, number][] {
  return members.flatMap(member =>
    [0, ...member.companions.keys()].map((device): [Account, number] => [member, device]),
  )
}

function forCompanion({ id, from, chat, addressedBy, node }: Letter, to: Companion, encrypted: Stanza[]): Stanza {
  const identity = child(node, 'device-identity')
  const attributes = {
    id,
    t: secondsNow(),
    type: attribute(node, 'type'),
    notify: from.account.pushName,
    addressing_mode: addressedBy,
    ...route({ from, chat, addressedBy }, to),
  }
  return stanza('message', attributes, [...encrypted, ...(identity ? [identity] : [])])
}

function route({ from, chat, addressedBy }: Pick<Letter, 'from' | 'chat' | 'addressedBy'>, to: Companion) {
  const write = (account: Account, mode: AddressingMode, device: number) =>
    formatAddress(
      mode === 'lid'
        ? { user: account.lid, server: 'lid', device }
        : { user: account.phoneNumber, server: 's.whatsapp.net', device },
    )
  const other = addressedBy === 'lid' ? 'pn' : 'lid'
  const self = write(from.account, addressedBy, from.number)
  const alternate = write(from.account, other, 0)
  if ('group' in chat) return { from: chat.group.id, participant: self, [`participant_${other}`]: alternate }
  if (to.account === from.account) return { from: self, recipient: write(chat.peer, addressedBy, 0) }
  return { from: self, [`sender_${other}`]: alternate }
}
