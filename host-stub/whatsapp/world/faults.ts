import type { Stanza } from '../wire/stanza.ts'

/** What is wrong with the chain that the network shows in the Noise handshake. */
export const certificateFaults = ['garbage', 'foreign_root', 'foreign_leaf_key', 'expired'] as const
export type CertificateFault = (typeof certificateFaults)[number]

/** `code_refused`: the server gives no code for the number, as it does when it was asked too often. */
export const pairingFaults = ['tampered_account_signature', 'wrong_hmac', 'code_refused', 'passkey_demanded'] as const
/** What goes wrong when an account is linked with a passkey. */
export const passkeyFaults = [
  'options_garbled',
  'prologue_refused',
  'continuation_withheld',
  'continuation_garbled',
  'continuation_short',
  'continuation_zero_key',
] as const
export type PasskeyFault = (typeof passkeyFaults)[number]
export type PairingFault = (typeof pairingFaults)[number]

/** What is wrong with the keys that are handed out to those who want to write to a device; `refused`: an error for them. */
export const bundleFaults = ['bad_signature', 'no_identity', 'no_signed_key', 'refused'] as const
export type BundleFault = (typeof bundleFaults)[number]

/**
 * How the network meets new connections: `refuse` at the door, `drop` before or after the login, `replace` after it; `mute`: it
 * offers nothing to clients that are linked to nobody.
 */
export const doors = ['open', 'refuse', 'drop', 'drop_after_login', 'replace_after_login', 'mute'] as const
export type Door = (typeof doors)[number]

/** What a `<failure>` says to people beside its reason; the reason may be anything, as may what it says. */
export interface FailureWords {
  header?: string | undefined
  subtext?: string | undefined
  message?: string | undefined
  url?: string | undefined
}

export interface LoginFault extends FailureWords {
  reason: number | string
  /** A temporary ban says for how long. */
  expireS?: number | undefined
  times: number
}

export interface SendFault {
  /** No ack at all, one that is held back until it is released, the line cut instead of it, or an error code in it. */
  ack: 'withhold' | 'hold' | 'drop' | number
  /** Whether the message still reaches its recipients. */
  deliver: boolean
  times: number
}

/** What is written in answer to one query: any number of stanzas, at once or when they are released. */
export interface PlannedAnswer {
  /** What a query has to ask for, as `askedIn` has it. */
  asked: string
  stanzas: ('right' | Stanza)[]
  held: boolean
}

export interface NetworkFaults {
  certificate: CertificateFault | undefined
  door: Door
  /** What is answered instead of who is in a group. */
  groupQuery: number | undefined
  /** Refusals of clients that are linked to nobody. */
  registrations: LoginFault[]
}

/** What a phone does when one of its devices misses a file: puts it up again, says that it has none, or says nothing. */
export const fileAnswers = ['put_again', 'not_found', 'silence'] as const
export type FileAnswer = (typeof fileAnswers)[number]

/** How often a phone answers a device that asks it for a message that came without a ciphertext. */
export const placeholderAnswers = ['once', 'twice', 'never'] as const
export type PlaceholderAnswer = (typeof placeholderAnswers)[number]

/** What goes wrong for the linked devices of one account. */
export interface AccountFaults {
  pairing: PairingFault | undefined
  passkey: PasskeyFault | undefined
  /** By the number of the device. */
  bundles: Map<number, BundleFault>
  withholdOffline: boolean
  /** So many of the next pages that a device asks for do not come. */
  withheldPages: number
  /** Whether the keys that a device publishes are taken without an answer. */
  withholdKeyAnswers: boolean
  logins: LoginFault[]
  sends: SendFault[]
  heldAcks: (() => void)[]
  answers: PlannedAnswer[]
  heldAnswers: (() => void)[]
  fileAgain: FileAnswer
  placeholders: PlaceholderAnswer
}

export function noAccountFaults(): AccountFaults {
  return {
    pairing: undefined,
    passkey: undefined,
    bundles: new Map(),
    withholdOffline: false,
    withheldPages: 0,
    withholdKeyAnswers: false,
    logins: [],
    sends: [],
    heldAcks: [],
    answers: [],
    heldAnswers: [],
    fileAgain: 'put_again',
    placeholders: 'once',
  }
}

/** Takes the next planned fault of a list, one of its times. */
export function takeFault<Fault extends { times: number }>(planned: Fault[]): Fault | undefined {
  const [next] = planned
  if (!next) return undefined
  next.times -= 1
  if (next.times <= 0) planned.shift()
  return next
}
