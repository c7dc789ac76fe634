import ProtocolAddress from 'libsignal/src/protocol_address.js'
import SessionBuilder from 'libsignal/src/session_builder.js'
import SessionCipher from 'libsignal/src/session_cipher.js'
import SessionRecord from 'libsignal/src/session_record.js'
import { makeKeyPair, signalKey, type KeyPair } from './keys.ts'
import { isSignedPreKey, sign } from './xeddsa.ts'

export interface KeyBundle {
  registrationId: number
  identityKey: Buffer
  signedPreKey: { keyId: number; publicKey: Buffer; signature: Buffer }
  preKey?: { keyId: number; publicKey: Buffer } | undefined
}

/** The remote device of a Signal session. */
export interface RemoteDevice {
  user: string
  device: number
  identityKey: Buffer
}

export interface Ciphertext {
  type: 'pkmsg' | 'msg'
  bytes: Buffer
}

const signedPreKeyId = 1
const preKeyMessageType = 3

/** The Signal part of a phone: its keys and its sessions with linked devices. */
export class PhoneSignal {
  readonly registrationId: number
  readonly #identity: KeyPair
  readonly #signedPreKey = makeKeyPair()
  readonly #preKeys = new Map<number, KeyPair>()
  readonly #sessions = new Map<string, unknown>()
  #nextPreKeyId = 1

  constructor(identity: KeyPair, registrationId: number) {
    this.#identity = identity
    this.registrationId = registrationId
  }

  /** The key bundle that the server hands to somebody who writes to this phone, with a new one-time key each time. */
  bundle(): KeyBundle {
    const keyId = this.#nextPreKeyId++
    const preKey = makeKeyPair()
    this.#preKeys.set(keyId, preKey)
    const { publicKey } = this.#signedPreKey
    const signature = sign(this.#identity, signalKey(publicKey))
    return {
      registrationId: this.registrationId,
      identityKey: this.#identity.publicKey,
      signedPreKey: { keyId: signedPreKeyId, publicKey, signature },
      preKey: { keyId, publicKey: preKey.publicKey },
    }
  }

  knows(remote: RemoteDevice): boolean {
    const stored = this.#sessions.get(address(remote).toString())
    return stored !== undefined && SessionRecord.deserialize(stored).haveOpenSession()
  }

  /** Opens a session; rejects a bundle that its owner did not sign. */
  async open(remote: RemoteDevice, bundle: KeyBundle): Promise<void> {
    const { signedPreKey, preKey } = bundle
    if (!bundle.identityKey.equals(remote.identityKey)) throw new Error('bundle of another identity')
    if (!isSignedPreKey(remote.identityKey, signedPreKey.publicKey, signedPreKey.signature)) {
      throw new Error('signed pre-key has a bad signature')
    }
    await new SessionBuilder(this.#storage(remote), address(remote)).initOutgoing({
      registrationId: bundle.registrationId,
      identityKey: signalKey(bundle.identityKey),
      signedPreKey: { ...signedPreKey, publicKey: signalKey(signedPreKey.publicKey) },
      ...(preKey && { preKey: { keyId: preKey.keyId, publicKey: signalKey(preKey.publicKey) } }),
    })
  }

  async encrypt(remote: RemoteDevice, plaintext: Uint8Array): Promise<Ciphertext> {
    const cipher = new SessionCipher(this.#storage(remote), address(remote))
    const { type, body } = await cipher.encrypt(Buffer.from(plaintext))
    return { type: type === preKeyMessageType ? 'pkmsg' : 'msg', bytes: Buffer.from(body) }
  }

  async decrypt(remote: RemoteDevice, { type, bytes }: Ciphertext): Promise<Buffer> {
    const cipher = new SessionCipher(this.#storage(remote), address(remote))
    return type === 'pkmsg' ? cipher.decryptPreKeyWhisperMessage(bytes) : cipher.decryptWhisperMessage(bytes)
  }

  /** Deletes all sessions, as after a reinstalled app: nothing older can be decrypted. */
  forgetSessions(): void {
    this.#sessions.clear()
  }

  #storage(remote: RemoteDevice): object {
    const expected = signalKey(remote.identityKey)
    return {
      loadSession: (id: string) => {
        const stored = this.#sessions.get(id)
        return stored === undefined ? undefined : SessionRecord.deserialize(stored)
      },
      storeSession: (id: string, record: SessionRecord) => void this.#sessions.set(id, record.serialize()),
      isTrustedIdentity: (_id: string, key: Uint8Array) => expected.equals(key),
      loadPreKey: (id: number) => signalPair(this.#preKeys.get(id)),
      removePreKey: (id: number) => void this.#preKeys.delete(id),
      loadSignedPreKey: () => signalPair(this.#signedPreKey),
      getOurRegistrationId: () => this.registrationId,
      getOurIdentity: () => signalPair(this.#identity),
    }
  }
}

function address({ user, device }: RemoteDevice): ProtocolAddress {
  return new ProtocolAddress(user, device)
}

function signalPair(pair: KeyPair | undefined): { pubKey: Buffer; privKey: Buffer } | undefined {
  return pair && { pubKey: signalKey(pair.publicKey), privKey: Buffer.from(pair.privateKey) }
}
