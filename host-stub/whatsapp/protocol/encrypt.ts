import { randomBytes } from 'node:crypto'
import { parseAddress } from '../wire/address.ts'
import type { Companion, PublicPreKey, SignedPreKey } from '../world/accounts.ts'
import type { BundleFault } from '../world/faults.ts'
import { isHosted } from './hosted-device.ts'
import type { KeyBundle } from '../crypto/phone-signal.ts'
import {
  attribute,
  bigEndian,
  bytes,
  child,
  children,
  readBigEndian,
  secondsNow,
  serverAddress,
  stanza,
  type Stanza,
} from '../wire/stanza.ts'
import type { World } from '../world/world.ts'
import { isSignedPreKey } from '../crypto/xeddsa.ts'
import { ProtocolBreach, type Query } from './query.ts'

const keyBytes = 32
const signatureBytes = 64
const lowPreKeyCount = 4

/** `encrypt`: the keys that a device publishes, and those that it fetches to write to others. */
export function answerEncrypt({ world, companion, node }: Query): Stanza[] {
  const asked = child(node)
  if (attribute(node, 'type') === 'set') return takeKeys(companion, node)
  if (asked?.tag === 'count') return [stanza('count', { value: String(companion.preKeys.length) })]
  if (asked?.tag === 'digest') return [digest(companion)]
  if (asked?.tag === 'key') {
    const users = children(asked, 'user').map(user => fetchBundle(world, attribute(user, 'jid')))
    return [stanza('list', {}, users)]
  }
  throw new ProtocolBreach('unknown encrypt query')
}

/** Uses up a one-time key of a device; notifies the device when few are left. */
export function takeBundle(companion: Companion): KeyBundle {
  const preKey = companion.preKeys.shift()
  if (companion.preKeys.length === lowPreKeyCount) {
    const attributes = { type: 'encrypt', from: serverAddress, id: `low-${preKey?.keyId ?? 0}`, t: secondsNow() }
    const count = stanza('count', { value: String(lowPreKeyCount) })
    companion.queue.post(stanza('notification', attributes, [count]))
  }
  const { registrationId, identityKey, signedPreKey } = companion
  return { registrationId, identityKey, signedPreKey, preKey }
}

/** Reads a published signed pre-key; rejects it if its owner did not sign it. */
export function readSignedPreKey(node: Stanza | undefined, identityKey: Buffer): SignedPreKey {
  const { keyId, publicKey } = readPreKey(node)
  const signature = bytes(child(node, 'signature'))
  if (!signature || !isSignedPreKey(identityKey, publicKey, signature)) {
    throw new ProtocolBreach('signed pre-key with a bad signature')
  }
  return { keyId, publicKey, signature }
}

function readPreKey(node: Stanza | undefined): PublicPreKey {
  const keyId = readBigEndian(bytes(child(node, 'id')))
  const publicKey = bytes(child(node, 'value'))
  if (keyId === undefined || publicKey?.length !== keyBytes) throw new ProtocolBreach('unreadable pre-key')
  return { keyId, publicKey }
}

function takeKeys(companion: Companion, node: Stanza): Stanza[] {
  const rotated = child(node, 'rotate')
  if (rotated) {
    companion.signedPreKey = readSignedPreKey(child(rotated, 'skey'), companion.identityKey)
    return []
  }
  const identityKey = bytes(child(node, 'identity'))
  const registrationId = readBigEndian(bytes(child(node, 'registration')))
  if (!identityKey?.equals(companion.identityKey) || registrationId !== companion.registrationId) {
    throw new ProtocolBreach('keys of another identity')
  }
  companion.signedPreKey = readSignedPreKey(child(node, 'skey'), companion.identityKey)
  const known = new Set(companion.preKeys.map(({ keyId }) => keyId))
  const uploaded = children(child(node, 'list'), 'key').map(readPreKey)
  companion.preKeys.push(...uploaded.filter(({ keyId }) => !known.has(keyId)))
  return []
}

function digest({ registrationId, identityKey, signedPreKey }: Companion): Stanza {
  return stanza('digest', {}, [
    stanza('registration', {}, bigEndian(registrationId, 4)),
    stanza('identity', {}, identityKey),
    stanza('skey', {}, [stanza('id', {}, bigEndian(signedPreKey.keyId, 3))]),
  ])
}

function fetchBundle(world: World, jid: string | undefined): Stanza {
  const address = parseAddress(jid)
  const account = address && world.accounts.at(address)
  if (account?.hosted && address && isHosted(address)) {
    return stanza('user', { jid, t: secondsNow() }, bundleStanzas(account.hosted.signal.bundle()))
  }
  const isOrdinary = address?.server === 'lid' || address?.server === 's.whatsapp.net'
  const companion = isOrdinary ? account?.companions.get(address.device) : undefined
  const fault = account?.faults.bundles.get(address?.device ?? 0)
  if (!account || !isOrdinary || (address.device !== 0 && !companion) || fault === 'refused') {
    return stanza('user', { jid }, [stanza('error', { code: '404', text: 'item-not-found' })])
  }
  const bundle = companion ? takeBundle(companion) : account.signal.bundle()
  return stanza('user', { jid, t: secondsNow() }, spoilt(bundleStanzas(bundle), fault))
}

function spoilt(bundle: Stanza[], fault: BundleFault | undefined): Stanza[] {
  if (fault === 'no_identity') return bundle.filter(({ tag }) => tag !== 'identity')
  if (fault === 'no_signed_key') return bundle.filter(({ tag }) => tag !== 'skey')
  const forged = stanza('signature', {}, randomBytes(signatureBytes))
  const forge = (node: Stanza) => stanza('skey', {}, [...children(node).slice(0, 2), forged])
  return fault ? bundle.map(node => (node.tag === 'skey' ? forge(node) : node)) : bundle
}

/** A key bundle in the format of the server and of retry receipts. */
export function bundleStanzas({ registrationId, identityKey, signedPreKey, preKey }: KeyBundle): Stanza[] {
  const key = ({ keyId, publicKey }: PublicPreKey) => [
    stanza('id', {}, bigEndian(keyId, 3)),
    stanza('value', {}, publicKey),
  ]
  return [
    stanza('registration', {}, bigEndian(registrationId, 4)),
    stanza('type', {}, Buffer.from([5])),
    stanza('identity', {}, identityKey),
    stanza('skey', {}, [...key(signedPreKey), stanza('signature', {}, signedPreKey.signature)]),
    ...(preKey ? [stanza('key', {}, key(preKey))] : []),
  ]
}
