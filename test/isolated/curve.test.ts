import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'

import {
  calculateAgreement,
  calculateSignature,
  hardenLibsignal,
  verifySignature,
} from '../../plugin/gateway/signal/curve.ts'
import { verifies } from '../../plugin/gateway/signal/ed25519.ts'

type LibsignalCurve = {
  calculateAgreement: (publicKey: Buffer, privateKey: Buffer) => Buffer
  generateKeyPair: () => { pubKey: Buffer; privKey: Buffer }
  calculateSignature: (key: Buffer, message: Buffer) => Buffer
  verifySignature: (...of: [key: Buffer, message: Buffer, signature: Buffer, isInit?: boolean]) => boolean
}

const fromHere = createRequire(import.meta.url)
const fromBaileys = createRequire(fromHere.resolve('@whiskeysockets/baileys'))
const libsignal = fromBaileys('libsignal/src/curve.js') as LibsignalCurve
/** As libsignal ships it, before any test replaces it. */
const stock = libsignal.verifySignature
const stockAgreement = libsignal.calculateAgreement

const signed = Array.from({ length: 200 }, (_, index) => {
  const { pubKey, privKey } = libsignal.generateKeyPair()
  const message = Buffer.from(`message ${index} `.repeat(index % 7))
  return { pubKey, message, signature: libsignal.calculateSignature(privKey, message) }
})

/** Flips one bit of the key, the message or the signature in turn. */
const tampered = signed.map(({ pubKey, message, signature }, index) => {
  const flip = (bytes: Buffer, from: number): Buffer => {
    const copy = Buffer.from(bytes)
    const at = from + ((index * 31) % (copy.length - from))
    copy.writeUInt8(copy.readUInt8(at) ^ (1 << (index % 7)), at)
    return copy
  }
  if (index % 3 === 0 && message.length > 0) return { pubKey, message: flip(message, 0), signature }
  if (index % 3 === 1) return { pubKey: flip(pubKey, 1), message, signature }
  return { pubKey, message, signature: flip(signature, 0) }
})

describe('native verification', () => {
  it("agrees with libsignal's own on 200 valid and 200 tampered signatures", { timeout: 60_000 }, () => {
    const verdicts = [...signed, ...tampered].map(({ pubKey, message, signature }) => ({
      native: verifies(pubKey.subarray(1), message, signature),
      libsignal: stock(pubKey, message, signature),
    }))
    expect(verdicts.filter(({ native, libsignal: theirs }) => native !== theirs)).toEqual([])
    expect(verdicts.filter(({ native }) => native)).toHaveLength(200)
  })

  it('takes keys and signatures of the wrong length for bad ones', () => {
    const [first] = signed
    if (!first) throw new Error('nothing was signed')
    const { pubKey, message, signature } = first
    expect(verifies(pubKey, message, signature)).toBe(false)
    expect(verifies(pubKey.subarray(1), message, signature.subarray(1))).toBe(false)
    expect(verifies(new Uint8Array(32), message, new Uint8Array(64))).toBe(false)
  })
})

describe('the compiled curve', () => {
  it(
    "signs so that libsignal's own check and the native one hold it for good, and nothing else",
    { timeout: 60_000 },
    () => {
      for (const { message } of signed.slice(0, 50)) {
        const { pubKey, privKey } = libsignal.generateKeyPair()
        const signature = calculateSignature(privKey, message)
        expect([stock(pubKey, message, signature), verifies(pubKey.subarray(1), message, signature)]).toEqual([
          true,
          true,
        ])
        expect(verifies(pubKey.subarray(1), Buffer.concat([message, message, Buffer.of(1)]), signature)).toBe(false)
      }
    },
  )

  it("agrees on what libsignal's own agrees on, from both ends", () => {
    for (let pair = 0; pair < 50; pair += 1) {
      const [ours, theirs] = [libsignal.generateKeyPair(), libsignal.generateKeyPair()]
      const agreed = calculateAgreement(theirs.pubKey, ours.privKey)
      expect(agreed).toEqual(stockAgreement(ours.pubKey, theirs.privKey))
      expect(calculateAgreement(theirs.pubKey.subarray(1), ours.privKey)).toEqual(agreed)
    }
  })

  it('refuses a public key with which everybody would agree on zero, and keys of the wrong length', () => {
    const { pubKey, privKey } = libsignal.generateKeyPair()
    expect(() => calculateAgreement(Buffer.alloc(32), privKey)).toThrow('Invalid public key')
    expect(() => calculateAgreement(pubKey.subarray(2), privKey)).toThrow('Invalid public key')
    expect(() => calculateAgreement(pubKey, privKey.subarray(1))).toThrow('Invalid private key')
    expect(() => calculateSignature(privKey.subarray(1), pubKey)).toThrow('Invalid private key')
  })
})

describe('the signature check that libsignal is given', () => {
  it('throws on a bad signature, where libsignal returns false or does not look', () => {
    const [bad] = tampered
    if (!bad) throw new Error('nothing was signed')
    expect(stock(bad.pubKey, bad.message, bad.signature)).toBe(false)
    expect(stock(bad.pubKey, bad.message, bad.signature, true)).toBe(true)
    hardenLibsignal()
    expect(libsignal.verifySignature).toBe(verifySignature)
    expect(() => libsignal.verifySignature(bad.pubKey, bad.message, bad.signature)).toThrow('Invalid signature')
    expect(() => libsignal.verifySignature(bad.pubKey, bad.message, bad.signature, true)).toThrow('Invalid signature')
  })

  it('takes keys with and without their type byte', () => {
    const [good] = signed
    if (!good) throw new Error('nothing was signed')
    expect(verifySignature(good.pubKey, good.message, good.signature)).toBe(true)
    expect(verifySignature(good.pubKey.subarray(1), good.message, good.signature)).toBe(true)
  })

  it('refuses a group message whose sender key did not sign it', async () => {
    hardenLibsignal()
    const { SenderKeyMessage } =
      await import('../../node_modules/@whiskeysockets/baileys/lib/Signal/Group/sender-key-message.js')
    const { pubKey, privKey } = libsignal.generateKeyPair()
    const serialized = new SenderKeyMessage(1, 1, Buffer.from('ciphertext'), privKey).serialize()
    const readAgain = (bytes: Uint8Array) => new SenderKeyMessage(null, null, null, null, bytes)
    expect(() => readAgain(serialized).verifySignature(pubKey)).not.toThrow()
    const spoilt = Buffer.from(serialized)
    spoilt.writeUInt8(spoilt.readUInt8(spoilt.length - 5) ^ 1, spoilt.length - 5)
    expect(() => readAgain(spoilt).verifySignature(pubKey)).toThrow('Invalid signature')
  })

  it("refuses a contact's pre-key bundle whose signed pre-key was not signed by its identity", async () => {
    hardenLibsignal()
    const SessionBuilder = fromBaileys('libsignal/src/session_builder.js') as new (
      storage: object,
      address: object,
    ) => {
      initOutgoing(bundle: object): Promise<void>
    }
    const [identity, preKey, ours] = [1, 2, 3].map(() => libsignal.generateKeyPair())
    const stored: unknown[] = []
    const storage = {
      isTrustedIdentity: () => true,
      getOurIdentity: () => ours,
      loadSession: () => undefined,
      storeSession: (_name: string, record: unknown) => stored.push(record),
    }
    const address = { id: '1', toString: () => '1.0' }
    const bundle = (signature: Buffer) => ({
      registrationId: 1,
      identityKey: identity?.pubKey,
      signedPreKey: { keyId: 1, publicKey: preKey?.pubKey, signature },
    })
    const good = libsignal.calculateSignature(identity?.privKey ?? Buffer.alloc(0), preKey?.pubKey ?? Buffer.alloc(0))
    await expect(new SessionBuilder(storage, address).initOutgoing(bundle(Buffer.alloc(64, 7)))).rejects.toThrow()
    expect(stored).toHaveLength(0)
    await new SessionBuilder(storage, address).initOutgoing(bundle(good))
    expect(stored).toHaveLength(1)
  })
})
