import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import type { PairingFault } from '../world/faults.ts'
import { authenticate, type KeyPair } from '../crypto/keys.ts'
import { secondsNow } from '../wire/stanza.ts'
import { isSignedBy, sign } from '../crypto/xeddsa.ts'

/** Ties a linked device to an account: each signs the other's key together with the same details. */
export interface SignedIdentity {
  details: Uint8Array
  accountSignatureKey: Uint8Array
  accountSignature: Uint8Array
}

const accountPrefix = Buffer.from([6, 0])
const devicePrefix = Buffer.from([6, 1])

export function signIdentity(
  account: KeyPair,
  device: { identityKey: Uint8Array; keyIndex: number },
  fault: PairingFault | undefined,
): SignedIdentity {
  const details = proto.ADVDeviceIdentity.encode({
    rawId: randomInt(1, 2 ** 31),
    timestamp: Number(secondsNow()),
    keyIndex: device.keyIndex,
  }).finish()
  const accountSignature = sign(account, Buffer.concat([accountPrefix, details, device.identityKey]))
  if (fault === 'tampered_account_signature') accountSignature.writeUInt8(accountSignature.readUInt8(9) ^ 1, 9)
  return { details, accountSignatureKey: account.publicKey, accountSignature }
}

/** Seals the identity with the ADV secret, which comes from the QR code or from the key agreement that needs the typed code. */
export function sealIdentity(
  identity: SignedIdentity,
  advSecret: Uint8Array,
  fault: PairingFault | undefined,
): Uint8Array {
  const details = proto.ADVSignedDeviceIdentity.encode(identity).finish()
  const hmac = authenticate(fault === 'wrong_hmac' ? randomBytes(32) : advSecret, details)
  return proto.ADVSignedDeviceIdentityHMAC.encode({ details, hmac }).finish()
}

/** Whether the device answered with its own signature over exactly what the phone signed. */
export function completesIdentity(
  answer: Uint8Array | undefined,
  offered: SignedIdentity,
  identityKey: Uint8Array,
): boolean {
  if (!answer) return false
  const { details, accountSignature, deviceSignature } = proto.ADVSignedDeviceIdentity.decode(answer)
  if (!details || !accountSignature || !deviceSignature) return false
  const same = equal(details, offered.details) && equal(accountSignature, offered.accountSignature)
  const message = Buffer.concat([devicePrefix, details, identityKey, offered.accountSignatureKey])
  return same && isSignedBy(identityKey, message, deviceSignature)
}

/** Whether the `device-identity` of a message proves that the device belongs to the account. Phones check this. */
export function provesIdentity(
  proof: Uint8Array | undefined,
  accountKey: Uint8Array,
  identityKey: Uint8Array,
): boolean {
  if (!proof) return false
  const { details, accountSignature, deviceSignature } = proto.ADVSignedDeviceIdentity.decode(proof)
  if (!details || !accountSignature || !deviceSignature) return false
  return (
    isSignedBy(accountKey, Buffer.concat([accountPrefix, details, identityKey]), accountSignature) &&
    isSignedBy(identityKey, Buffer.concat([devicePrefix, details, identityKey, accountKey]), deviceSignature)
  )
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
