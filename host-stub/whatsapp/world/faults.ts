import type { Stanza } from '../wire/stanza.ts'

/** Faults of the certificate chain in the Noise handshake. */
export const certificateFaults = ['garbage', 'foreign_root', 'foreign_leaf_key', 'expired'] as const
export type CertificateFault = (typeof certificateFaults)[number]

/** Faults of a pairing. `code_refused`: the server issues no code for the number, as after too many requests. */
export const pairingFaults = ['tampered_account_signature', 'wrong_hmac', 'code_refused', 'passkey_demanded'] as const
/** Faults of linking an account with a passkey. */
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

/** Faults of the keys that are handed out to those who write to a device; `refused`: they get an error. */
export const bundleFaults = ['bad_signature', 'no_identity', 'no_signed_key', 'refused'] as const
export type BundleFault = (typeof bundleFaults)[number]

/**
 * How the network treats new connections: `refuse` them, `drop` them before or after the login, `replace` them after it; `mute`: it
 * offers no codes to clients that are not linked.
 */
export const doors = ['open', 'refuse', 'drop', 'drop_after_login', 'replace_after_login', 'mute'] as const
export type Door = (typeof doors)[number]

/** The texts of a `<failure>` besides its reason. The reason may be anything, and so may the texts. */
export interface FailureWords {
  header?: string | undefined
  subtext?: string | undefined
  message?: string | undefined
  url?: string | undefined
}

export interface LoginFault extends FailureWords {
  reason: number | string
  /** The duration of a temporary ban. */
  expireS?: number | undefined
  times: number
}

export interface SendFault {
  /** No ack, an ack that is held back until it is released, a cut connection instead of it, or an error code in it. */
  ack: 'withhold' | 'hold' | 'drop' | number
  /** Whether the message still reaches its recipients. */
  deliver: boolean
  times: number
}

/** The planned answer to one query: any number of stanzas, sent at once or when they are released. */
export interface PlannedAnswer {
  /** What the query must ask for, in the format of `askedIn`. */
  asked: string
  stanzas: ('right' | Stanza)[]
  held: boolean
}

export interface NetworkFaults {
  certificate: CertificateFault | undefined
  door: Door
  /** The error code that answers a query for the members of a group. */
  groupQuery: number | undefined
  /** Refusals of clients that are not linked. */
  registrations: LoginFault[]
}

/** What a phone does when one of its devices misses a file: uploads it again, reports that it has none, or does not answer. */
export const fileAnswers = ['put_again', 'not_found', 'silence'] as const
export type FileAnswer = (typeof fileAnswers)[number]

/** How often a phone answers a device that asks it for a message that came without a ciphertext. */
export const placeholderAnswers = ['once', 'twice', 'never'] as const
export type PlaceholderAnswer = (typeof placeholderAnswers)[number]

/** Faults for the linked devices of one account. */
export interface AccountFaults {
  pairing: PairingFault | undefined
  passkey: PasskeyFault | undefined
  /** By the number of the device. */
  bundles: Map<number, BundleFault>
  withholdOffline: boolean
  /** This number of the next pages that a device requests is not sent. */
  withheldPages: number
  /** Whether the keys that a device publishes are stored without an answer. */
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

/** Takes the next planned fault of a list, and reduces its remaining count. */
export function takeFault<Fault extends { times: number }>(planned: Fault[]): Fault | undefined {
  const [next] = planned
  if (!next) return undefined
  next.times -= 1
  if (next.times <= 0) planned.shift()
  return next
}
