import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'

/** A Curve25519 key pair that can also sign: its private key is the one that Ed25519 derives from the seed. */
export interface KeyPair {
  publicKey: Buffer
  privateKey: Buffer
  seed: Buffer
}

const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex')
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
const keyBytes = 32

/** The type byte that Signal puts before a Curve25519 public key. */
const signalKeyType = Buffer.from([5])

export function makeKeyPair(): KeyPair {
  const seed = randomBytes(keyBytes)
  const privateKey = createHash('sha512').update(seed).digest().subarray(0, keyBytes)
  privateKey.writeUInt8(privateKey.readUInt8(0) & 0xf8, 0)
  privateKey.writeUInt8((privateKey.readUInt8(keyBytes - 1) & 0x7f) | 0x40, keyBytes - 1)
  const publicKey = createPublicKey(importPrivateKey(privateKey)).export({ format: 'der', type: 'spki' })
  return { publicKey: publicKey.subarray(-keyBytes), privateKey, seed }
}

export function agree(privateKey: Uint8Array, publicKey: Uint8Array): Buffer {
  return diffieHellman({
    privateKey: importPrivateKey(privateKey),
    publicKey: createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: 'der', type: 'spki' }),
  })
}

export function derive(material: Uint8Array, salt: Uint8Array, sizeBytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', material, salt, '', sizeBytes))
}

export function authenticate(secret: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(message).digest()
}

export function signalKey(publicKey: Uint8Array): Buffer {
  return Buffer.concat([signalKeyType, publicKey])
}

function importPrivateKey(privateKey: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, privateKey]), format: 'der', type: 'pkcs8' })
}
