import { randomBytes } from 'node:crypto'
import type { Account, SignedPreKey } from './accounts.ts'
import type { Connection } from '../wire/connection.ts'
import type { KeyPair } from '../crypto/keys.ts'

/** How long each QR code counts: the first one, and each that follows. */
export interface QrValidity {
  firstMs: number
  nextMs: number
}

/** The wish of a client to be linked to a number by a code, which it shows and tells nobody. */
export interface CodeRequest {
  phoneNumber: string
  ref: Buffer
  /** Its key of the moment, under the code. */
  wrappedKey: Buffer
  /** The stanza in which it was last told that a code was entered. */
  noticeId: string | undefined
  /** Set once a phone has entered a code; takes the client's answer. */
  finish: ((sealedBundle: Buffer | undefined) => void) | undefined
}

/** Who a client says that it is for the moment, and what it is bound to. */
export interface Prologue {
  publicKey: Buffer
  identity: Buffer
  commitment: Buffer
  ref: string
}

/** The linking of a client to an account that wants a passkey, as the server and the phone keep it. */
export interface PasskeyLinking {
  account: Account
  /** What the QR code or the typed code carried: the client is to prove that it is the same. Undefined: none was taken. */
  priorSecret: Buffer | undefined
  challenge: string
  noticeIds: string[]
  refs: string[]
  prologue: Prologue | undefined
  ephemeral: KeyPair
  phoneNonce: Buffer
  nonceCame: boolean
  /** The client has given a proof, so that nobody need compare a code. */
  isProven: boolean
  /** What seals the pairing in the place of the first one. */
  newSecret: Buffer | undefined
  /** Links the device by that secret. */
  link: (secret: Buffer) => unknown
}

/** A client that is linked to nobody and shows codes. */
export interface Registration {
  connection: Connection
  /** Of the client: the last part of `2.3000.<revision>`. */
  revision: number
  noiseKey: Buffer
  identityKey: Buffer
  registrationId: number
  signedPreKey: SignedPreKey
  /** The name under which the phone lists the client among its linked devices. */
  shownAs: string
  refs: string[]
  offeredAt: number
  codeRequest: CodeRequest | undefined
  /** Set once the account that it is to be linked to wants a passkey. */
  passkey: PasskeyLinking | undefined
  /** What it says that it runs in, by its number in WhatsApp's list. */
  platform: number
  /** Set once a phone scanned, or entered the right code; takes the client's answer to the pairing. */
  conclude: ((deviceIdentity: Uint8Array | undefined) => void) | undefined
}

/** Why a phone links no device. */
export type PairingRefusal =
  | 'unreadable_code'
  | 'stale_code'
  | 'forged_code'
  | 'device_refused'
  | 'passkey_demanded'
  /** By code only: no device waits for this phone to enter one. */
  | 'not_awaited'
  | 'wrong_code'
  /** The phone says that it could not link the device; the device hears nothing. */
  | 'client_outdated'
/** How the linking of a device ended. */
export type PairingOutcome = { linked: true; device: string } | { linked: false; why: PairingRefusal }

const refCount = 6
const refBytes = 36
const longestGraceMs = 1000

export function makeRefs(): string[] {
  return Array.from({ length: refCount }, () => `2@${randomBytes(refBytes).toString('base64')}`)
}

/** Whether a code counts as too old: the client shows the next one by then, or has none left. */
export function isStale({ refs, offeredAt }: Registration, ref: string, { firstMs, nextMs }: QrValidity): boolean {
  const graceMs = Math.min(longestGraceMs, nextMs / 4)
  const endsAt = offeredAt + firstMs + refs.indexOf(ref) * nextMs
  return Date.now() > endsAt + graceMs
}

/** Whether the last of the refs counts as too old, and with it the code that is typed: whatsmeow knows of no other end. */
export function hasRunOut(registration: Registration, validity: QrValidity): boolean {
  return isStale(registration, registration.refs.at(-1) ?? '', validity)
}
