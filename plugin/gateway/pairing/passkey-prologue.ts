import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import {
  bytesToCrockford,
  Curve,
  getBinaryNodeChild,
  proto,
  type AuthenticationCreds,
  type BinaryNode,
} from '@whiskeysockets/baileys'

/** We are listed as Chrome, when linked by QR code and by a typed code (browser-name.ts). */
const DEVICE_TYPE = proto.DeviceProps.PlatformType.CHROME
const KEY_BYTES = 32
const CODE_BYTES = 5
const IV_BYTES = 12

/** Our part of one key agreement with the phone. Its format is whatsmeow's (pair-passkey.go, b572e5bc). */
export type Prologue = {
  /** What is sent to the phone: our identity for this agreement, and a hash that binds us to our nonce. */
  readonly payload: Uint8Array
  readonly nonce: Uint8Array
  readonly ref: string
  readonly privateKey: Uint8Array
}

/** The phone's part. */
export type PrimaryIdentity = { readonly publicKey: Uint8Array; readonly nonce: Uint8Array }

/** What both sides agreed on: the key, and the code that both can show. */
export type Agreement = { readonly key: Uint8Array; readonly code: string }

/** A key that only a party can derive that knows the secret of the scanned or typed code. */
export const handoffKey = (advSecret: string): Buffer =>
  expand(Buffer.from(advSecret, 'base64'), '', 'shortcake-passkey-handoff-v1')

/** Proves to the phone that the sender of the prologue is the one whose code it accepted. */
export const handoffProof = (key: Uint8Array, payload: Uint8Array): Buffer =>
  createHmac('sha256', key).update(payload).digest()

export function createPrologue(ref: string): Prologue {
  const pair = Curve.generateKeyPair()
  const nonce = randomBytes(KEY_BYTES)
  const identity = { publicKey: pair.public, deviceType: DEVICE_TYPE, ref }
  const companionEphemeralIdentity = proto.CompanionEphemeralIdentity.encode(identity).finish()
  const hash = sha256(companionEphemeralIdentity, nonce)
  const payload = proto.ProloguePayload.encode({ companionEphemeralIdentity, commitment: { hash } }).finish()
  return { payload, nonce, ref, privateKey: pair.private }
}

/** The phone's part in a stanza; null when it cannot be read. */
export function primaryIdentityIn(stanza: BinaryNode): PrimaryIdentity | null {
  const content = getBinaryNodeChild(stanza, 'primary_ephemeral_identity')?.content
  if (!(content instanceof Uint8Array)) return null
  try {
    const { publicKey, nonce } = proto.PrimaryEphemeralIdentity.decode(content)
    return publicKey?.length === KEY_BYTES && nonce?.length === KEY_BYTES ? { publicKey, nonce } : null
  } catch {
    return null
  }
}

/** Null for a public key with which everybody would agree on the same key. */
export function agreeOn({ privateKey, nonce, ref }: Prologue, primary: PrimaryIdentity): Agreement | null {
  const shared = agreed(privateKey, primary.publicKey)
  if (!shared) return null
  const key = expand(shared, `Companion Pairing ${DEVICE_TYPE} with ref ${ref}`, 'Pairing Information Encryption Key')
  const digest = sha256(nonce, primary.publicKey)
  const code = bytesToCrockford(
    Buffer.from(primary.nonce.subarray(0, CODE_BYTES).map((byte, n) => byte ^ (digest[n] ?? 0))),
  )
  return { key, code }
}

/** Our permanent keys and our new secret, encrypted for the phone alone. */
export function sealedRequest(
  key: Uint8Array,
  { noiseKey, signedIdentityKey, advSecretKey }: AuthenticationCreds,
): Uint8Array {
  const request = proto.PairingRequest.encode({
    companionPublicKey: noiseKey.public,
    companionIdentityKey: signedIdentityKey.public,
    advSecret: Buffer.from(advSecretKey, 'base64'),
  }).finish()
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const encryptedPayload = Buffer.concat([cipher.update(request), cipher.final(), cipher.getAuthTag()])
  return proto.EncryptedPairingRequest.encode({ encryptedPayload, iv }).finish()
}

function agreed(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  try {
    const shared = Curve.sharedKey(privateKey, publicKey)
    return shared.some(byte => byte !== 0) ? shared : null
  } catch {
    return null
  }
}

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()

const expand = (material: Uint8Array, salt: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', material, salt, purpose, KEY_BYTES))
