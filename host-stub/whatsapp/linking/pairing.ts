import { randomInt } from 'node:crypto'
import { companionName, personalAddress, type Account, type Companion } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import { completesIdentity, sealIdentity, signIdentity } from '../protocol/device-identity.ts'
import { announceDevice } from '../protocol/device-notices.ts'
import { instantNow } from '../world/ledger.ts'
import { demandPasskey } from './passkey-linking.ts'
import { readQrText } from './qr-text.ts'
import { DeviceQueue } from '../world/queue.ts'
import { isStale, makeRefs, type PairingOutcome, type Registration } from '../world/registration.ts'
import { bytes, child, secondsNow, serverAddress, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

type Seat = Pick<Companion, 'account' | 'number' | 'keyIndex'>

/** How long a phone waits for an answer of the device. */
export const answerTimeoutMs = 15_000

/** Sends the client its refs, which it turns into QR codes. */
export function offerCodes(registration: Registration): void {
  registration.refs = makeRefs()
  registration.offeredAt = Date.now()
  const refs = registration.refs.map(ref => stanza('ref', {}, Buffer.from(ref)))
  registration.connection.send(order([stanza('pair-device', {}, refs)]))
}

/** A phone scans a QR code. */
export async function scanCode(world: World, account: Account, shown: string): Promise<PairingOutcome> {
  const code = readQrText(shown)
  if (!code) return { linked: false, why: 'unreadable_code' }
  const registration = [...world.registrations].find(({ refs }) => refs.includes(code.ref))
  if (!registration || registration.conclude || isStale(registration, code.ref, world.qrValidity)) {
    return { linked: false, why: 'stale_code' }
  }
  const genuine = code.noiseKey.equals(registration.noiseKey) && code.identityKey.equals(registration.identityKey)
  return genuine
    ? pairOrDemand(world, { account, advSecret: code.advSecret, registration })
    : { linked: false, why: 'forged_code' }
}

/** Handles the client's answer to `pair-success`; false if the stanza is something else. */
export function takeAnswer(registration: Registration, node: Stanza): boolean {
  const answer = child(node, 'pair-device-sign')
  if (!answer || !registration.conclude) return false
  registration.conclude(bytes(child(answer, 'device-identity')))
  return true
}

/** Which device is being linked to which account, and with which secret. */
export interface Meant {
  account: Account
  advSecret: Uint8Array
  registration: Registration
}

/** Links the device, unless the account demands a passkey first. */
export async function pairOrDemand(world: World, meant: Meant): Promise<PairingOutcome> {
  const { faults } = meant.account
  const isDemanded = faults.pairing === 'passkey_demanded'
  if (isDemanded) faults.pairing = undefined
  if (!isDemanded && !world.behaviours.passkey_before_linking) return pair(world, meant)
  demandPasskey(world, { ...meant, link: advSecret => pair(world, { ...meant, advSecret }) })
  return { linked: false, why: 'passkey_demanded' }
}

/**
 * Demands the passkey of an account before a code is issued for its number. Returns true if the passkey is demanded instead of a
 * code.
 */
export function demandBeforeCode(world: World, account: Account, registration: Registration): boolean {
  const { passkey_before_linking: isWanted, passkey_comes: comes } = world.behaviours
  if (!isWanted || comes === 'after_a_code') return false
  const link = (advSecret: Buffer) => pair(world, { account, advSecret, registration })
  demandPasskey(world, { account, advSecret: undefined, registration, link })
  return true
}

/** Links the device, after it was verified to be the intended one. */
export async function pair(world: World, { account, advSecret, registration }: Meant): Promise<PairingOutcome> {
  if (registration.revision < (world.behaviours.version_floor_pairings ?? 0)) {
    return { linked: false, why: 'client_outdated' }
  }
  const number = account.nextCompanion++
  const seat = { account, number, keyIndex: number }
  const fault = account.faults.pairing
  account.faults.pairing = undefined
  const identity = signIdentity(account.identity, { identityKey: registration.identityKey, keyIndex: number }, fault)
  const answer = new Promise<Uint8Array | undefined>(resolve => {
    registration.conclude = resolve
    setTimeout(() => resolve(undefined), answerTimeoutMs).unref()
  })
  registration.connection.send(pairSuccess(seat, sealIdentity(identity, advSecret, fault)))
  if (!completesIdentity(await answer, identity, registration.identityKey)) {
    world.registrations.delete(registration)
    world.ledger.write(page => (page.refusals += 1))
    registration.connection.end()
    return { linked: false, why: 'device_refused' }
  }
  const device = link(world, registration, seat)
  registration.connection.end(stanza('stream:error', { code: '515' }))
  return { linked: true, device }
}

function pairSuccess({ account, number }: Seat, sealed: Uint8Array): Stanza {
  const jid = formatAddress({ ...personalAddress(account, 's.whatsapp.net'), device: number })
  const lid = formatAddress({ ...personalAddress(account, 'lid'), device: number })
  return order([
    stanza('pair-success', {}, [
      stanza('device-identity', {}, sealed),
      stanza('device', { jid, lid }),
      stanza('platform', { name: 'android' }),
    ]),
  ])
}

function link(world: World, registration: Registration, seat: Seat): string {
  const { noiseKey, identityKey, registrationId, signedPreKey, shownAs } = registration
  const device = companionName(seat)
  seat.account.companions.set(seat.number, {
    ...seat,
    noiseKey,
    identityKey,
    registrationId,
    signedPreKey,
    preKeys: [],
    queue: new DeviceQueue(device, world.ledger),
    connection: undefined,
    routed: false,
    bootstrapped: false,
  })
  world.registrations.delete(registration)
  world.ledger.write(page => page.pairings.push({ device, shownAs, at: instantNow() }))
  announceDevice(world, seat.account, { change: 'add', device: seat.number })
  return device
}

function order(content: Stanza[]): Stanza {
  const id = String(randomInt(1, 2 ** 31))
  return stanza('iq', { from: serverAddress, type: 'set', xmlns: 'md', id, t: secondsNow() }, content)
}
