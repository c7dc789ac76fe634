import { randomBytes, randomInt } from 'node:crypto'
import { companionName, personalAddress, type Account, type Companion } from './accounts.ts'
import { formatAddress } from './address.ts'
import { completesIdentity, sealIdentity, signIdentity } from './device-identity.ts'
import { instantNow } from './ledger.ts'
import { readQrText } from './qr-text.ts'
import { DeviceQueue } from './queue.ts'
import { isStale, makeRefs, type Registration } from './registration.ts'
import { bytes, child, secondsNow, serverAddress, stanza, type Stanza } from './stanza.ts'
import type { World } from './world.ts'

export type PairingRefusal =
  | 'unreadable_code'
  | 'stale_code'
  | 'forged_code'
  | 'device_refused'
  | 'passkey_demanded'
  /** By code only: no device waits for this phone to enter one. */
  | 'not_awaited'
  | 'wrong_code'
  /** The phone says that it could not link the device; the device hears nothing. */
  | 'client_outdated'
export type PairingOutcome = { linked: true; device: string } | { linked: false; why: PairingRefusal }

type Seat = Pick<Companion, 'account' | 'number' | 'keyIndex'>

/** How long a phone waits for an answer of the device. */
export const answerTimeoutMs = 15_000

/** Hands the client its refs; it turns them into QR codes by itself. */
export function offerCodes(registration: Registration): void {
  registration.refs = makeRefs()
  registration.offeredAt = Date.now()
  const refs = registration.refs.map(ref => stanza('ref', {}, Buffer.from(ref)))
  registration.connection.send(order([stanza('pair-device', {}, refs)]))
}

/** What a phone does when its camera sees a code. */
export async function scanCode(world: World, account: Account, shown: string): Promise<PairingOutcome> {
  const code = readQrText(shown)
  if (!code) return { linked: false, why: 'unreadable_code' }
  const registration = [...world.registrations].find(({ refs }) => refs.includes(code.ref))
  if (!registration || registration.conclude || isStale(registration, code.ref, world.qrValidity)) {
    return { linked: false, why: 'stale_code' }
  }
  const genuine = code.noiseKey.equals(registration.noiseKey) && code.identityKey.equals(registration.identityKey)
  return genuine
    ? pair(world, { account, advSecret: code.advSecret, registration })
    : { linked: false, why: 'forged_code' }
}

/** The client's answer to `pair-success`, or its silence when the line closed. */
export function takeAnswer(registration: Registration, node: Stanza): boolean {
  const answer = child(node, 'pair-device-sign')
  if (!answer || !registration.conclude) return false
  registration.conclude(bytes(child(answer, 'device-identity')))
  return true
}

/** Links the device, once it is known to be the one that was meant. */
export async function pair(
  world: World,
  { account, advSecret, registration }: { account: Account; advSecret: Uint8Array; registration: Registration },
): Promise<PairingOutcome> {
  if (registration.revision < (world.behaviours.version_floor_pairings ?? 0)) {
    return { linked: false, why: 'client_outdated' }
  }
  const number = account.nextCompanion++
  const seat = { account, number, keyIndex: number }
  const fault = account.faults.pairing
  account.faults.pairing = undefined
  if (fault === 'passkey_demanded') return demandPasskey(registration)
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

/** Asks for proof that only a browser of WhatsApp's own pages can give, and links nothing before it has come. */
function demandPasskey(registration: Registration): PairingOutcome {
  const id = (registration.passkeyNoticeId = String(randomInt(1, 2 ** 31)))
  const wanted = {
    challenge: randomBytes(32).toString('base64url'),
    rpId: 'whatsapp.com',
    userVerification: 'required',
  }
  const options = stanza('passkey_request_options', {}, Buffer.from(JSON.stringify(wanted)))
  const attributes = { from: serverAddress, type: 'passkey_prologue_request', id, t: secondsNow() }
  registration.connection.send(stanza('notification', attributes, [options]))
  return { linked: false, why: 'passkey_demanded' }
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
    bootstrapped: false,
  })
  world.registrations.delete(registration)
  world.ledger.write(page => page.pairings.push({ device, shownAs, at: instantNow() }))
  return device
}

function order(content: Stanza[]): Stanza {
  const id = String(randomInt(1, 2 ** 31))
  return stanza('iq', { from: serverAddress, type: 'set', xmlns: 'md', id, t: secondsNow() }, content)
}
