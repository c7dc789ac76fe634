import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import { agree, derive, makeKeyPair, type KeyPair } from '../crypto/keys.ts'

const tagBytes = 16
const pattern = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0', 'latin1')
const nothing = Buffer.alloc(0)

/** One direction of AES-GCM with a counter, used in the handshake and after it. */
class Sealer {
  #counter = 0
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  seal(plaintext: Uint8Array, context: Uint8Array = nothing): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, this.#nonce()).setAAD(context)
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  }

  open(sealed: Uint8Array, context: Uint8Array = nothing): Buffer {
    const border = sealed.length - tagBytes
    const decipher = createDecipheriv('aes-256-gcm', this.#key, this.#nonce())
      .setAAD(context)
      .setAuthTag(sealed.subarray(border))
    return Buffer.concat([decipher.update(sealed.subarray(0, border)), decipher.final()])
  }

  #nonce(): Buffer {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(this.#counter++, 8)
    return nonce
  }
}

export interface Transport {
  seal(plaintext: Uint8Array): Buffer
  open(sealed: Uint8Array): Buffer
}

export interface Greeting {
  payload: Buffer
  clientKey: Buffer
  transport: Transport
}

/** The server side of Noise XX in WhatsApp's variant. */
export class NoiseResponder {
  #hash: Buffer = pattern
  #salt: Buffer = pattern
  #sealer = new Sealer(pattern)
  readonly #ephemeral = makeKeyPair()
  readonly #staticKey: KeyPair

  constructor(header: Uint8Array, staticKey: KeyPair) {
    this.#staticKey = staticKey
    this.#mixHash(header)
  }

  /** Answers the client's hello with our keys and the certificate chain. */
  answer(hello: Uint8Array, certificate: Uint8Array): Uint8Array {
    const ephemeral = proto.HandshakeMessage.decode(hello).clientHello?.ephemeral
    if (!ephemeral) throw new Error('the first frame is not a client hello')
    this.#mixHash(ephemeral)
    this.#mixHash(this.#ephemeral.publicKey)
    this.#mixKey(agree(this.#ephemeral.privateKey, ephemeral))
    const sealedStatic = this.#seal(this.#staticKey.publicKey)
    this.#mixKey(agree(this.#staticKey.privateKey, ephemeral))
    const payload = this.#seal(certificate)
    return proto.HandshakeMessage.encode({
      serverHello: { ephemeral: this.#ephemeral.publicKey, static: sealedStatic, payload },
    }).finish()
  }

  finish(message: Uint8Array): Greeting {
    const finish = proto.HandshakeMessage.decode(message).clientFinish
    if (!finish?.static || !finish.payload) throw new Error('the second frame does not finish the handshake')
    const clientKey = this.#open(finish.static)
    this.#mixKey(agree(this.#ephemeral.privateKey, clientKey))
    const payload = this.#open(finish.payload)
    const split = derive(nothing, this.#salt, 64)
    const inbound = new Sealer(split.subarray(0, 32))
    const outbound = new Sealer(split.subarray(32))
    const transport = {
      seal: (plaintext: Uint8Array) => outbound.seal(plaintext),
      open: (sealed: Uint8Array) => inbound.open(sealed),
    }
    return { payload, clientKey, transport }
  }

  #mixHash(input: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(input).digest()
  }

  #mixKey(secret: Uint8Array): void {
    const mixed = derive(secret, this.#salt, 64)
    this.#salt = mixed.subarray(0, 32)
    this.#sealer = new Sealer(mixed.subarray(32))
  }

  #seal(plaintext: Uint8Array): Buffer {
    const sealed = this.#sealer.seal(plaintext, this.#hash)
    this.#mixHash(sealed)
    return sealed
  }

  #open(sealed: Uint8Array): Buffer {
    const plaintext = this.#sealer.open(sealed, this.#hash)
    this.#mixHash(sealed)
    return plaintext
  }
}
