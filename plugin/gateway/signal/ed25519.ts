import { createPublicKey, verify, type KeyObject } from 'node:crypto'

const FIELD = 2n ** 255n - 19n
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const KEPT_KEYS = 1024

/** Recently used keys: converting one costs more than a verification, and a sender signs many messages. */
const converted = new Map<string, KeyObject>()

/**
 * Whether `signature` is the XEdDSA signature of `message` under a Curve25519 key of 32 bytes: the key is mapped to its Edwards
 * form, whose sign bit is part of the signature, and Node's own Ed25519 verifies. 0.1 ms instead of 14.
 */
export function verifies(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== 32 || signature.length !== 64) return false
  const bare = Uint8Array.from(signature)
  const signBit = (bare[63] ?? 0) & 0x80
  bare[63] = (bare[63] ?? 0) & 0x7f
  return verify(null, message, edwardsKey(key, signBit), bare)
}

function edwardsKey(key: Uint8Array, signBit: number): KeyObject {
  const name = `${signBit}${Buffer.from(key).toString('latin1')}`
  const known = converted.get(name)
  if (known) return known
  const point = edwardsY(key)
  point[31] = (point[31] ?? 0) | signBit
  const made = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, point]), format: 'der', type: 'spki' })
  const oldest = converted.size >= KEPT_KEYS ? converted.keys().next().value : undefined
  if (oldest !== undefined) converted.delete(oldest)
  converted.set(name, made)
  return made
}

/** y = (u - 1) / (u + 1), the birational map of RFC 7748 §4.1. */
function edwardsY(montgomery: Uint8Array): Buffer {
  const bytes = Buffer.from(montgomery).reverse()
  const u = (BigInt(`0x${bytes.toString('hex')}`) & (2n ** 255n - 1n)) % FIELD
  const y = modulo((u - 1n) * inverse(modulo(u + 1n)))
  return Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse()
}

const modulo = (value: bigint): bigint => ((value % FIELD) + FIELD) % FIELD

/** By Euclid's algorithm. Returns 0 for 0, as Fermat's power does, so that every key has an image. */
function inverse(value: bigint): bigint {
  let [rest, next] = [FIELD, value]
  let [factor, nextFactor] = [0n, 1n]
  while (next !== 0n) {
    const quotient = rest / next
    ;[rest, next] = [next, rest - quotient * next]
    ;[factor, nextFactor] = [nextFactor, factor - quotient * nextFactor]
  }
  return value === 0n ? 0n : modulo(factor)
}
