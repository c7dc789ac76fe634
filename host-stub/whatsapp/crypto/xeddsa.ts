import { createPrivateKey, createPublicKey, sign as signNatively, verify, type KeyObject } from 'node:crypto'
import { signalKey, type KeyPair } from './keys.ts'

const field = 2n ** 255n - 19n
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')
const ed25519SeedPrefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const keyBytes = 32
const signatureBytes = 64
const keptKeys = 2048

/** Converted keys are cached, because converting one costs more than a signature, and a sender signs many messages. */
const signingKeys = new Map<string, { key: KeyObject; signBit: number }>()
const verificationKeys = new Map<string, KeyObject | undefined>()

/** u-coordinates of small order: anybody can sign for them. */
const weakKeys = new Set([
  0n,
  1n,
  field - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
])

/**
 * Signs as every Signal client does. An Ed25519 signature becomes an XEdDSA signature when its last bit contains the sign of the
 * public key, which a Curve25519 key does not contain.
 */
export function sign({ seed }: Pick<KeyPair, 'seed'>, message: Uint8Array): Buffer {
  const { key, signBit } = kept(signingKeys, seed.toString('latin1'), () => signingKey(seed))
  const signature = signNatively(null, message, key)
  signature.writeUInt8(signature.readUInt8(signatureBytes - 1) | signBit, signatureBytes - 1)
  return signature
}

/**
 * The network's own strict check. Baileys' `Curve.verify` and libsignal's session builder accept anything that is 64 bytes long, so
 * the network would not notice a forged signature if it used them.
 */
export function isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== signatureBytes) return false
  const key = verificationKey(bareKey(publicKey), (signature[signatureBytes - 1] ?? 0) & 0x80)
  if (!key) return false
  const plainSignature = Buffer.from(signature)
  plainSignature.writeUInt8(plainSignature.readUInt8(signatureBytes - 1) & 0x7f, signatureBytes - 1)
  try {
    return verify(null, message, key, plainSignature)
  } catch {
    return false
  }
}

/** The signature of a signed pre-key covers the key in Signal's format, including the type byte. */
export function isSignedPreKey(identityKey: Uint8Array, preKey: Uint8Array, signature: Uint8Array): boolean {
  return preKey.length === keyBytes && isSignedBy(identityKey, signalKey(preKey), signature)
}

function signingKey(seed: Buffer): { key: KeyObject; signBit: number } {
  const key = createPrivateKey({ key: Buffer.concat([ed25519SeedPrefix, seed]), format: 'der', type: 'pkcs8' })
  const edwards = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return { key, signBit: edwards.readUInt8(edwards.length - 1) & 0x80 }
}

function verificationKey(publicKey: Uint8Array, signBit: number): KeyObject | undefined {
  return kept(verificationKeys, `${signBit}${Buffer.from(publicKey).toString('latin1')}`, () => {
    const edwards = edwardsKey(publicKey, signBit)
    if (!edwards) return undefined
    try {
      return createPublicKey({ key: Buffer.concat([ed25519Prefix, edwards]), format: 'der', type: 'spki' })
    } catch {
      return undefined
    }
  })
}

function kept<Value>(values: Map<string, Value>, name: string, make: () => Value): Value {
  if (!values.has(name)) values.set(name, make())
  const [oldest] = values.keys()
  if (values.size > keptKeys && oldest !== undefined && oldest !== name) values.delete(oldest)
  return values.get(name) ?? make()
}

function bareKey(publicKey: Uint8Array): Uint8Array {
  return publicKey.length === keyBytes + 1 && publicKey[0] === 5 ? publicKey.subarray(1) : publicKey
}

function edwardsKey(montgomery: Uint8Array, signBit: number): Buffer | undefined {
  if (montgomery.length !== keyBytes) return undefined
  const u = BigInt(`0x${Buffer.from(montgomery).reverse().toString('hex')}`)
  if (u >= field || weakKeys.has(u)) return undefined
  const y = ((u + field - 1n) * inverse((u + 1n) % field)) % field
  const key = Buffer.from(y.toString(16).padStart(keyBytes * 2, '0'), 'hex').reverse()
  key.writeUInt8(key.readUInt8(keyBytes - 1) | signBit, keyBytes - 1)
  return key
}

function inverse(value: bigint): bigint {
  let [previous, current] = [field, value]
  let [previousFactor, factor] = [0n, 1n]
  while (current > 1n) {
    const quotient = previous / current
    ;[previous, current] = [current, previous - quotient * current]
    ;[previousFactor, factor] = [factor, previousFactor - quotient * factor]
  }
  return ((factor % field) + field) % field
}
