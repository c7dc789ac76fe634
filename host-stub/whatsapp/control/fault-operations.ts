import { randomBytes } from 'node:crypto'
import { personalAddress, type Companion } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import type { ParsedOf } from '../contract/control-contract.ts'
import { endLine } from '../protocol/endings.ts'
import { noAccountFaults } from '../world/faults.ts'
import { makeMessageId } from '../wire/message-id.ts'
import { phoneNamed } from '../contract/named-phone.ts'
import { findChat, usualMode } from './phone-operations.ts'
import { writeRetry } from '../phone/phone-receipts.ts'
import { takeBundle } from '../protocol/encrypt.ts'
import { secondsNow, serverAddress, stanza } from '../wire/stanza.ts'
import { announceTimeLock } from '../protocol/time-lock.ts'
import type { World } from '../world/world.ts'

type Done = Record<string, never>

export function setCertificateFault(world: World, { fault }: ParsedOf<'faults/certificate'>): Done {
  world.faults.certificate = fault ?? undefined
  return {}
}

export function setDoor(world: World, { door }: ParsedOf<'faults/door'>): Done {
  world.faults.door = door
  return {}
}

export function setGroupQueryFault(world: World, { code }: ParsedOf<'faults/group_query'>): Done {
  world.faults.groupQuery = code ?? undefined
  return {}
}

export function setPairingFault(world: World, { name, fault }: ParsedOf<'faults/pairing'>): Done {
  phoneNamed(world, name).faults.pairing = fault ?? undefined
  return {}
}

export function setPasskeyFault(world: World, { name, fault }: ParsedOf<'faults/passkey'>): Done {
  phoneNamed(world, name).faults.passkey = fault ?? undefined
  return {}
}

export function endLines(world: World, { name, ending }: ParsedOf<'faults/end'>): { ended: number } {
  const connected = companionsOf(world, name).filter(({ connection }) => connection !== undefined)
  for (const companion of connected) endLine(companion, ending)
  return { ended: connected.length }
}

export function planLoginFault(world: World, request: ParsedOf<'faults/login'>): Done {
  const { name, expire_s: expireS, ...fault } = request
  const planned = name === null ? world.faults.registrations : phoneNamed(world, name).faults.logins
  planned.push({ ...fault, expireS })
  return {}
}

export function planSendFault(world: World, { name, ...fault }: ParsedOf<'faults/send'>): Done {
  phoneNamed(world, name).faults.sends.push(fault)
  return {}
}

export function releaseAcks(world: World, { name }: ParsedOf<'faults/release_acks'>): { released: number } {
  const held = phoneNamed(world, name).faults.heldAcks.splice(0)
  for (const acknowledge of held) acknowledge()
  return { released: held.length }
}

export function withholdOffline(world: World, { name, withheld }: ParsedOf<'faults/withhold_offline'>): Done {
  phoneNamed(world, name).faults.withholdOffline = withheld
  return {}
}

export function withholdPages(world: World, { name, pages }: ParsedOf<'faults/withhold_pages'>): Done {
  phoneNamed(world, name).faults.withheldPages = pages
  return {}
}

/** Queues a stanza of any kind, as a future server might send it. */
export function postStanza(world: World, request: ParsedOf<'faults/post'>): { id: string } {
  const { name, tag, attributes } = request
  const written = { from: serverAddress, id: makeMessageId(), t: secondsNow(), ...attributes }
  const attrs = Object.fromEntries(Object.entries(written).filter((pair): pair is [string, string] => pair[1] !== null))
  for (const { queue } of companionsOf(world, name)) queue.post({ tag, attrs })
  return { id: attrs['id'] ?? '' }
}

export function withholdKeyAnswers(world: World, request: ParsedOf<'faults/withhold_key_answers'>): Done {
  phoneNamed(world, request.name).faults.withholdKeyAnswers = request.withheld
  return {}
}

/** Uses up one-time keys, as when strangers fetch the keys of a device and never write. */
export function spendPreKeys(world: World, { name, left }: ParsedOf<'faults/spend_pre_keys'>): Done {
  for (const companion of companionsOf(world, name)) while (companion.preKeys.length > left) takeBundle(companion)
  return {}
}

export function setBundleFault(world: World, { name, device, fault }: ParsedOf<'faults/bundle'>): Done {
  const { bundles } = phoneNamed(world, name).faults
  if (fault) bundles.set(device, fault)
  else bundles.delete(device)
  return {}
}

export function askForAgain(world: World, request: ParsedOf<'faults/ask_again'>): Done {
  const { name, author, id, group, device, times } = request
  const chat = findChat(world, group === undefined ? { phone: name } : { group })
  const to = phoneNamed(world, name)
  for (let count = 1; count <= times; count += 1) {
    for (const from of companionsOf(world, author)) {
      writeRetry({ from, to, id, chat, addressedBy: usualMode(chat), device }, count)
    }
  }
  return {}
}

export function redeliver(world: World, { name, ids }: ParsedOf<'faults/redeliver'>): { redelivered: number } {
  const counts = companionsOf(world, name).map(({ queue }) => queue.redeliver(ids))
  return { redelivered: counts.reduce((sum, each) => sum + each, 0) }
}

/** Queues a status that nobody can decrypt at the head of the devices' queues. */
export function postStuckStatus(world: World, { name, author }: ParsedOf<'faults/stuck_status'>): { id: string } {
  const id = makeMessageId()
  const participant = formatAddress(personalAddress(phoneNamed(world, author), 'lid'))
  const attributes = { from: 'status@broadcast', participant, id, t: secondsNow(), type: 'text' }
  const encrypted = stanza('enc', { v: '2', type: 'skmsg' }, randomBytes(160))
  for (const { queue } of companionsOf(world, name))
    queue.postBarrier(stanza(world.behaviours.status_tag, attributes, [encrypted]))
  return { id }
}

/** The account may start no new chats for this many seconds. Without `announced` its devices find out only when they ask. */
export function setTimeLock(world: World, request: ParsedOf<'faults/time_lock'>): { ends_at_s: number | null } {
  const { name, ends, announced } = request
  const account = phoneNamed(world, name)
  const endsAtS = typeof ends === 'number' ? Math.floor(Date.now() / 1_000) + ends : undefined
  account.timeLock = ends === null ? undefined : { endsAtS }
  if (announced) announceTimeLock(account)
  return { ends_at_s: endsAtS ?? null }
}

export function setFileAnswer(world: World, { name, answer }: ParsedOf<'faults/file_again'>): Record<string, never> {
  phoneNamed(world, name).faults.fileAgain = answer
  return {}
}

export function setPlaceholderAnswer(
  world: World,
  { name, answer }: ParsedOf<'faults/placeholders'>,
): Record<string, never> {
  phoneNamed(world, name).faults.placeholders = answer
  return {}
}

export function clearFaults(world: World): Done {
  Object.assign(world.faults, { certificate: undefined, door: 'open', groupQuery: undefined, registrations: [] })
  for (const account of world.accounts.all()) Object.assign(account, { faults: noAccountFaults(), timeLock: undefined })
  return {}
}

function companionsOf(world: World, name: string): Companion[] {
  return [...phoneNamed(world, name).companions.values()]
}
