import { randomBytes } from 'node:crypto'
import { verifySignature } from 'libsignal/src/curve.js'
import { expect, it } from 'vitest'
import { makeKeyPair, signalKey } from '../../host-stub/whatsapp/crypto/keys.ts'
import { isSignedBy, isSignedPreKey, sign } from '../../host-stub/whatsapp/crypto/xeddsa.ts'

function flipBit(bytes: Buffer, position: number): Buffer {
  const flipped = Buffer.from(bytes)
  flipped.writeUInt8(flipped.readUInt8(position >> 3) ^ (1 << (position & 7)), position >> 3)
  return flipped
}

it('agrees with libsignal on genuine signatures, and refuses each tampered part', () => {
  for (let round = 0; round < 12; round++) {
    const pair = makeKeyPair()
    const { publicKey } = pair
    const message = randomBytes(1 + round * 7)
    const signature = sign(pair, message)
    expect(isSignedBy(publicKey, message, signature)).toBe(true)
    expect(isSignedBy(signalKey(publicKey), message, signature)).toBe(true)
    expect(verifySignature(signalKey(publicKey), message, signature)).toBe(true)

    const tampered = flipBit(signature, (round * 41) % 511)
    expect(isSignedBy(publicKey, message, tampered)).toBe(false)
    expect(verifySignature(signalKey(publicKey), message, tampered)).toBe(false)
    expect(isSignedBy(publicKey, flipBit(message, 0), signature)).toBe(false)
    expect(isSignedBy(makeKeyPair().publicKey, message, signature)).toBe(false)
  }
})

it('refuses what is no signature or no key at all', () => {
  const pair = makeKeyPair()
  const { publicKey } = pair
  const message = Buffer.from('signed')
  const signature = sign(pair, message)
  expect(isSignedBy(publicKey, message, randomBytes(64))).toBe(false)
  expect(isSignedBy(publicKey, message, signature.subarray(0, 63))).toBe(false)
  expect(isSignedBy(publicKey, message, Buffer.alloc(64))).toBe(false)
  expect(isSignedBy(publicKey.subarray(1), message, signature)).toBe(false)
  for (const weak of [Buffer.alloc(32), Buffer.from([1, ...Buffer.alloc(31)]), Buffer.alloc(32, 0xff)]) {
    expect(isSignedBy(weak, message, Buffer.alloc(64))).toBe(false)
  }
})

it('covers the type byte in the signature of a pre-key', () => {
  const identity = makeKeyPair()
  const preKey = makeKeyPair().publicKey
  expect(isSignedPreKey(identity.publicKey, preKey, sign(identity, signalKey(preKey)))).toBe(true)
  expect(isSignedPreKey(identity.publicKey, preKey, sign(identity, preKey))).toBe(false)
})
