import { createRequire } from 'node:module'

import * as compiled from 'whatsapp-rust-bridge'

import { verifies } from './ed25519.ts'

/** The functions that libsignal's own modules call, and Baileys with them. */
type CurveExports = {
  verifySignature: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
  calculateSignature: (privateKey: Uint8Array, message: Uint8Array) => Buffer
  calculateAgreement: (publicKey: Uint8Array, privateKey: Uint8Array) => Buffer
  generateKeyPair: () => { readonly pubKey: Buffer; readonly privKey: Buffer }
}

const PRIVATE_LENGTH = 32

/**
 * Throws unless `signature` is valid. libsignal 6.0.0 only *returns* false, which its session builder and Baileys' `Curve.verify`
 * ignore, and does not even check signed pre-keys (whatsapp-protocol.md §1.1): so only a throw reaches every caller. A fourth
 * argument, libsignal's `isInit`, changes nothing here.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): true {
  if (!verifies(rawKey(publicKey), message, signature)) throw new Error('Invalid signature')
  return true
}

/** XEdDSA, compiled: 0.13 ms instead of 8 ms in libsignal's JavaScript. A message to a group needs it once. */
export function calculateSignature(privateKey: Uint8Array, message: Uint8Array): Buffer {
  if (privateKey?.length !== PRIVATE_LENGTH) throw new Error('Invalid private key')
  return Buffer.from(compiled.calculateSignature(privateKey, message))
}

/** X25519, compiled. @throws for a public key with which everybody would agree on zero, as Node's own X25519 does. */
export function calculateAgreement(publicKey: Uint8Array, privateKey: Uint8Array): Buffer {
  const key = rawKey(publicKey)
  if (key.length !== PRIVATE_LENGTH) throw new Error('Invalid public key')
  if (privateKey?.length !== PRIVATE_LENGTH) throw new Error('Invalid private key')
  const agreed = Buffer.from(compiled.calculateAgreement(key, privateKey))
  if (agreed.every(byte => byte === 0)) throw new Error('Invalid public key')
  return agreed
}

function generateKeyPair(): { pubKey: Buffer; privKey: Buffer } {
  const { pubKey, privKey } = compiled.generateKeyPair()
  return { pubKey: Buffer.from(pubKey), privKey: Buffer.from(privKey) }
}

/** On the wire, a Signal key has the type byte 5 before its 32 bytes. */
function rawKey(publicKey: Uint8Array): Uint8Array {
  return publicKey.length === 33 && publicKey[0] === 5 ? publicKey.subarray(1) : publicKey
}

/**
 * Replaces libsignal's verification by a strict and native one, and the rest of its curve by the compiled one that comes with
 * Baileys, in this process only. It must run before Baileys is imported: ES modules bind the exported functions as they are at that
 * moment. libsignal is resolved from Baileys' folder, so that it is the copy that Baileys uses.
 */
export function hardenLibsignal(): void {
  const fromHere = createRequire(import.meta.url)
  const fromBaileys = createRequire(fromHere.resolve('@whiskeysockets/baileys'))
  const curve = fromBaileys('libsignal/src/curve.js') as CurveExports
  Object.assign(curve, { verifySignature, calculateSignature, calculateAgreement, generateKeyPair })
}
