import { createRequire } from 'node:module'
import { makeKeyPair, signalKey } from './keys.ts'
import { isSignedBy, sign } from './xeddsa.ts'

interface CurveExports {
  generateKeyPair: () => { pubKey: Buffer; privKey: Buffer }
  calculateSignature: (privateKey: Buffer, message: Uint8Array) => Buffer
  verifySignature: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
}

const rememberedSeeds = 10_000

/**
 * Replaces the signatures of libsignal's group code in this process with the network's own, which are strict and native. libsignal
 * takes 10 ms to sign and 14 to verify; the phones, not the client, would then limit the speed of a busy group. This module must be
 * imported before Baileys, whose modules copy the functions when they are first evaluated.
 */
function replaceCurve(): void {
  const fromBaileys = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'))
  const curve = fromBaileys('libsignal/src/curve.js') as CurveExports
  const signSlowly = curve.calculateSignature
  const seeds = new Map<string, Buffer>()
  curve.generateKeyPair = () => {
    const { publicKey, privateKey, seed } = makeKeyPair()
    seeds.set(privateKey.toString('latin1'), seed)
    const [oldest] = seeds.keys()
    if (seeds.size > rememberedSeeds && oldest !== undefined) seeds.delete(oldest)
    return { pubKey: signalKey(publicKey), privKey: Buffer.from(privateKey) }
  }
  curve.calculateSignature = (privateKey, message) => {
    const seed = seeds.get(privateKey.toString('latin1'))
    return seed ? sign({ seed }, message) : signSlowly(privateKey, message)
  }
  curve.verifySignature = isSignedBy
}

replaceCurve()
