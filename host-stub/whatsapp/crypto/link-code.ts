import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

/** What a device sends its phone at the end of the pairing, encrypted with a key that can be agreed only with the code. */
export interface KeyBundle {
  deviceIdentityKey: Buffer
  accountIdentityKey: Buffer
  random: Buffer
}

const letters = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'
/** A code consists of digits and capitals without 0, I, O and U. */
const codeShape = /^[1-9A-HJ-NP-TV-Z]{8}$/
const rounds = 131_072
const keyBytes = 32
const saltBytes = 32
const counterBytes = 16
const nonceBytes = 12
const tagBytes = 16

/** The size of a public key that is encrypted with a code. */
export const wrappedKeyBytes = saltBytes + counterBytes + keyBytes
export const wrappedBundleBytes = saltBytes + nonceBytes + 3 * keyBytes + tagBytes

const stretch = promisify(pbkdf2)

/** Normalises a typed code: accepts lower case, spaces and dashes. Undefined if it cannot be a code. */
export function readLinkCode(typed: string): string | undefined {
  const code = typed.replaceAll(/[\s-]/g, '').toUpperCase()
  return codeShape.test(code) ? code : undefined
}

/** Each letter stands for five bits. */
export function writeLinkCode(bytes: Uint8Array): string {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('')
  const fives = bits.match(/.{5}/g) ?? []
  return fives.map(five => letters[Number.parseInt(five, 2)]).join('')
}

export async function wrapKey(code: string, publicKey: Uint8Array): Promise<Buffer> {
  const [salt, counter] = [randomBytes(saltBytes), randomBytes(counterBytes)]
  const cipher = createCipheriv('aes-256-ctr', await stretch(code, salt, rounds, keyBytes, 'sha256'), counter)
  return Buffer.concat([salt, counter, cipher.update(publicKey), cipher.final()])
}

/** Decrypts a key. A wrong code is not detected here: it gives a different key, with which no agreement succeeds. */
export async function unwrapKey(code: string, wrapped: Uint8Array): Promise<Buffer> {
  const [salt, counter] = [wrapped.subarray(0, saltBytes), wrapped.subarray(saltBytes, saltBytes + counterBytes)]
  const decipher = createDecipheriv('aes-256-ctr', await stretch(code, salt, rounds, keyBytes, 'sha256'), counter)
  return Buffer.concat([decipher.update(wrapped.subarray(saltBytes + counterBytes)), decipher.final()])
}

/** Undefined if the bundle was not sealed with the agreed key: the code was wrong. */
export function openBundle(agreed: Uint8Array, sealed: Uint8Array): KeyBundle | undefined {
  const nonceEnd = saltBytes + nonceBytes
  const [salt, nonce] = [sealed.subarray(0, saltBytes), sealed.subarray(saltBytes, nonceEnd)]
  const border = sealed.length - tagBytes
  const key = expand(agreed, salt, 'link_code_pairing_key_bundle_encryption_key')
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(sealed.subarray(border))
  try {
    const opened = Buffer.concat([decipher.update(sealed.subarray(nonceEnd, border)), decipher.final()])
    return {
      deviceIdentityKey: opened.subarray(0, keyBytes),
      accountIdentityKey: opened.subarray(keyBytes, 2 * keyBytes),
      random: opened.subarray(2 * keyBytes),
    }
  } catch {
    return undefined
  }
}

/** The secret that a QR code would have contained. */
export function advSecretOf(agreed: Uint8Array, identitiesAgreed: Uint8Array, random: Uint8Array): Buffer {
  return expand(Buffer.concat([agreed, identitiesAgreed, random]), Buffer.alloc(0), 'adv_secret')
}

function expand(material: Uint8Array, salt: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, salt, purpose, keyBytes))
}
