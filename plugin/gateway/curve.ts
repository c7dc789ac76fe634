import { createRequire } from 'node:module'

import { verifies } from './ed25519.ts'

/** What libsignal's own modules call, and Baileys with them. */
type CurveExports = {
  verifySignature: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
}

/**
 * Throws unless `signature` is good. libsignal 6.0.0 only *returns* false, which its session builder and Baileys'
 * `Curve.verify` ignore, and does not even look at signed pre-keys (whatsapp-protocol.md §1.1): so a throw is the only
 * answer that everybody hears. A fourth argument, libsignal's `isInit`, changes nothing here.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): true {
  if (!verifies(rawKey(publicKey), message, signature)) throw new Error('Invalid signature')
  return true
}

/** A key as it stands on the wire of Signal carries the type byte 5 before its 32 bytes. */
function rawKey(publicKey: Uint8Array): Uint8Array {
  return publicKey.length === 33 && publicKey[0] === 5 ? publicKey.subarray(1) : publicKey
}

/**
 * Puts strict and native verification in the place of libsignal's, in this process only. It must run before Baileys is
 * imported: ES modules take the exported functions as they are at that moment. libsignal is looked up from where Baileys
 * lies, so that it is the copy that Baileys uses.
 */
export function hardenLibsignal(): void {
  const fromHere = createRequire(import.meta.url)
  const fromBaileys = createRequire(fromHere.resolve('@whiskeysockets/baileys'))
  const curve = fromBaileys('libsignal/src/curve.js') as CurveExports
  curve.verifySignature = verifySignature
}
