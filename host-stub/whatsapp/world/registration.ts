import { randomBytes } from 'node:crypto'
import type { Account, SignedPreKey } from './accounts.ts'
import type { Connection } from '../wire/connection.ts'
import type { KeyPair } from '../crypto/keys.ts'

/** How long each QR code is valid: the first one, and each following one. */
export interface QrValidity {
  firstMs: number
  nextMs: number
}

/** The request of a client to be linked to a number by a code. The client shows the code to its user only. */
export interface CodeRequest {
  phoneNumber: string
  ref: Buffer
  /** Its ephemeral key, encrypted with the code. */
  wrappedKey: Buffer
  /** The id of the notification in which the client was last told that a code was entered. */
  noticeId: string | undefined
  /** Set once a phone has entered a code; called with the client's answer. */
  finish: ((sealedBundle: Buffer | undefined) => void) | undefined
}

/** The client's ephemeral identity, and its commitment. */
export interface Prologue {
  publicKey: Buffer
  identity: Buffer
  commitment: Buffer
  ref: string
}

/** The linking of a client to an account that demands a passkey, with the state of the server and the phone. */
export interface PasskeyLinking {
  account: Account
  /** The secret of the scanned or typed code; the client must prove that it knows it. Undefined: no code was used. */
  priorSecret: Buffer | undefined
  challenge: string
  noticeIds: string[]
  refs: string[]
  prologue: Prologue | undefined
  ephemeral: KeyPair
  phoneNonce: Buffer
  nonceCame: boolean
  /** The client has given a proof, so nobody needs to compare a code. */
  isProven: boolean
  /** The secret that replaces the first one in the pairing. */
  newSecret: Buffer | undefined
  /** Links the device with that secret. */
  link: (secret: Buffer) => unknown
}

/** A client that is not linked and shows codes. */
export interface Registration {
  connection: Connection
  /** The client's revision: the last part of `2.3000.<revision>`. */
  revision: number
  noiseKey: Buffer
  identityKey: Buffer
  registrationId: number
  signedPreKey: SignedPreKey
  /** The name of the client in the phone's list of linked devices. */
  shownAs: string
  refs: string[]
  offeredAt: number
  codeRequest: CodeRequest | undefined
  /** Set once the account to link demands a passkey. */
  passkey: PasskeyLinking | undefined
  /** The platform that the client reports, by its number in WhatsApp's list. */
  platform: number
  /** Set once a phone has scanned or entered the right code; called with the client's answer to the pairing. */
  conclude: ((deviceIdentity: Uint8Array | undefined) => void) | undefined
}

/** Why a phone did not link a device. */
export type PairingRefusal =
  | 'unreadable_code'
  | 'stale_code'
  | 'forged_code'
  | 'device_refused'
  | 'passkey_demanded'
  /** By code only: no device waits for this phone to enter one. */
  | 'not_awaited'
  | 'wrong_code'
  /** The phone shows that it could not link the device; the device is not notified. */
  | 'client_outdated'
/** The result of linking a device. */
export type PairingOutcome = { linked: true; device: string } | { linked: false; why: PairingRefusal }

const refCount = 6
const refBytes = 36
const longestGraceMs = 1000

export function makeRefs(): string[] {
  return Array.from({ length: refCount }, () => `2@${randomBytes(refBytes).toString('base64')}`)
}

/** Whether a code has expired: by then the client shows the next one, or has none left. */
export function isStale({ refs, offeredAt }: Registration, ref: string, { firstMs, nextMs }: QrValidity): boolean {
  const graceMs = Math.min(longestGraceMs, nextMs / 4)
  const endsAt = offeredAt + firstMs + refs.indexOf(ref) * nextMs
  return Date.now() > endsAt + graceMs
}

/** Whether the last of the refs has expired, and with it the code to type: whatsmeow has no other expiry for it. */
export function hasRunOut(registration: Registration, validity: QrValidity): boolean {
  return isStale(registration, registration.refs.at(-1) ?? '', validity)
}
