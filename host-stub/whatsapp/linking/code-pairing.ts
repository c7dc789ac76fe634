import { randomBytes, randomInt } from 'node:crypto'
import type { Account } from '../world/accounts.ts'
import { agree, makeKeyPair } from '../crypto/keys.ts'
import {
  advSecretOf,
  openBundle,
  readLinkCode,
  unwrapKey,
  wrapKey,
  wrappedBundleBytes,
  wrappedKeyBytes,
  type KeyBundle,
} from '../crypto/link-code.ts'
import { hasRunOut, type PairingOutcome, type PairingRefusal, type Registration } from '../world/registration.ts'
import { answerTimeoutMs, demandBeforeCode, pairOrDemand } from './pairing.ts'
import { ProtocolBreach } from '../protocol/query.ts'
import { attribute, bytes, child, children, secondsNow, serverAddress, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

const refBytes = 32
const badRequest = 400
const tooManyRequests = 429
const registrationTag = 'link_code_companion_reg'
/** The server accepts only these and answers others with 400, according to the author of whatsmeow (`PairPhone`). */
const displayShape = /^(Chrome|Edge|Firefox|Opera|Safari) \((Linux|Mac OS|Ubuntu|Windows)\)$/
const helloParts = {
  link_code_pairing_wrapped_companion_ephemeral_pub: (part: Buffer) => part.length === wrappedKeyBytes,
  companion_server_auth_key_pub: (part: Buffer, { noiseKey }: Registration) => part.equals(noiseKey),
  companion_platform_id: (part: Buffer) => /^[0-9]$/.test(part.toString()),
  companion_platform_display: (part: Buffer) => part.length > 0,
  link_code_pairing_nonce: (part: Buffer) => part.length === 1,
}
const finishParts = {
  link_code_pairing_wrapped_key_bundle: (part: Buffer) => part.length === wrappedBundleBytes,
  companion_identity_public: (part: Buffer, { identityKey }: Registration) => part.equals(identityKey),
  link_code_pairing_ref: (part: Buffer, { codeRequest }: Registration) => codeRequest?.ref.equals(part) === true,
}

/** Handles a stanza of a client that links by a code; false if the stanza is about something else. */
export function takeCodeStanza(world: World, registration: Registration, node: Stanza): boolean {
  if (node.tag === 'ack') {
    return registration.codeRequest?.noticeId === attribute(node, 'id')
  }
  const asked = node.tag === 'iq' ? child(node, registrationTag) : undefined
  if (!asked) return false
  if (attribute(node, 'xmlns') !== 'md' || attribute(node, 'type') !== 'set')
    throw new ProtocolBreach('not a set of md')
  const stage = attribute(asked, 'stage')
  if (stage === 'companion_hello') takeHello(world, registration, { id: attribute(node, 'id'), hello: asked })
  else if (stage === 'companion_finish') takeFinish(registration, { id: attribute(node, 'id'), finish: asked })
  else throw new ProtocolBreach('unknown stage of a pairing by code')
  return true
}

/** The owner of a phone types the code of a device. */
export async function enterCode(world: World, account: Account, typed: string): Promise<PairingOutcome> {
  const code = readLinkCode(typed)
  if (!code) return refused('unreadable_code')
  const awaited = ({ codeRequest, conclude }: Registration) =>
    codeRequest?.phoneNumber === account.phoneNumber && !conclude
  const registration = [...world.registrations].filter(awaited).at(-1)
  if (!registration?.codeRequest) return refused('not_awaited')
  if (hasRunOut(registration, world.qrValidity)) return refused('stale_code')
  const ephemeral = makeKeyPair()
  const agreed = agree(ephemeral.privateKey, await unwrapKey(code, registration.codeRequest.wrappedKey))
  const sealed = await greet(registration, account, await wrapKey(code, ephemeral.publicKey))
  if (!sealed) return refused('device_refused')
  const bundle = openBundle(agreed, sealed)
  if (!bundle) return refused('wrong_code')
  if (!isGenuine(bundle, registration, account)) return refused('forged_code')
  const identitiesAgreed = agree(account.identity.privateKey, registration.identityKey)
  return pairOrDemand(world, { account, registration, advSecret: advSecretOf(agreed, identitiesAgreed, bundle.random) })
}

type Asked<Name extends string> = { id: string | undefined } & Record<Name, Stanza>

function takeHello(world: World, registration: Registration, { id, hello }: Asked<'hello'>): void {
  const phoneNumber = /^([0-9]{5,15})@s\.whatsapp\.net$/.exec(attribute(hello, 'jid') ?? '')?.[1]
  if (!phoneNumber) throw new ProtocolBreach('a code for no phone number')
  if (!/^(true|false)$/.test(attribute(hello, 'should_show_push_notification') ?? '')) {
    throw new ProtocolBreach('a code without a word on the push notification')
  }
  const [wrappedKey, , , display] = partsOf(registration, hello, helloParts)
  if (!wrappedKey || !displayShape.test(String(display))) return refuseStanza(registration, id, badRequest)
  const account = world.accounts.at({ user: phoneNumber, server: 's.whatsapp.net', device: 0 })
  const isDemanded = account !== undefined && demandBeforeCode(world, account, registration)
  if (account?.faults.pairing === 'code_refused') {
    account.faults.pairing = undefined
    return refuseStanza(registration, id, tooManyRequests)
  }
  if (isDemanded) return
  const ref = randomBytes(refBytes)
  registration.codeRequest = { phoneNumber, ref, wrappedKey, noticeId: undefined, finish: undefined }
  const answer = stanza(registrationTag, { stage: 'companion_hello' }, [stanza('link_code_pairing_ref', {}, ref)])
  registration.connection.send(stanza('iq', { from: serverAddress, type: 'result', id }, [answer]))
}

function takeFinish(registration: Registration, { id, finish }: Asked<'finish'>): void {
  const request = registration.codeRequest
  if (!request?.finish) throw new ProtocolBreach('nobody has entered a code')
  if (attribute(finish, 'jid') !== `${request.phoneNumber}@s.whatsapp.net`) throw new ProtocolBreach('another number')
  const [sealed] = partsOf(registration, finish, finishParts)
  registration.connection.send(stanza('iq', { from: serverAddress, type: 'result', id }))
  request.finish(sealed)
}

/** Refuses a stanza of a client that is not linked. */
export function refuseStanza({ connection }: Registration, id: string | undefined, code: number): void {
  connection.send(stanza('iq', { from: serverAddress, type: 'error', id }, [stanza('error', { code: String(code) })]))
}

type Parts = Record<string, (part: Buffer, registration: Registration) => boolean>

/** Returns the children in the order of `wanted`; the node must have exactly these children, and each must be valid. */
function partsOf(registration: Registration, node: Stanza, wanted: Parts): Buffer[] {
  if (children(node).length !== Object.keys(wanted).length) throw new ProtocolBreach('a pairing with other parts')
  return Object.entries(wanted).map(([tag, isRight]) => {
    const part = bytes(child(node, tag))
    if (!part || !isRight(part, registration)) throw new ProtocolBreach(`not a good ${tag}`)
    return part
  })
}

/** Notifies the device that its code was entered, and waits for its answer; undefined if it does not answer in time. */
function greet(registration: Registration, { identity }: Account, wrappedKey: Buffer): Promise<Buffer | undefined> {
  const request = registration.codeRequest
  if (!request) return Promise.resolve(undefined)
  const answered = new Promise<Buffer | undefined>(resolve => {
    request.finish = resolve
    setTimeout(() => resolve(undefined), answerTimeoutMs).unref()
  })
  request.noticeId = String(randomInt(1, 2 ** 31))
  const hello = stanza(registrationTag, { stage: 'primary_hello' }, [
    stanza('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrappedKey),
    stanza('primary_identity_pub', {}, identity.publicKey),
    stanza('link_code_pairing_ref', {}, request.ref),
  ])
  const attributes = { from: serverAddress, type: registrationTag, id: request.noticeId, t: secondsNow() }
  registration.connection.send(stanza('notification', attributes, [hello]))
  return answered
}

function isGenuine(bundle: KeyBundle, { identityKey }: Registration, { identity }: Account): boolean {
  return bundle.deviceIdentityKey.equals(identityKey) && bundle.accountIdentityKey.equals(identity.publicKey)
}

function refused(why: PairingRefusal): PairingOutcome {
  return { linked: false, why }
}
