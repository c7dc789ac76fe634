/** What is wrong with the chain that the network shows in the Noise handshake. */
export const certificateFaults = ['garbage', 'foreign_root', 'foreign_leaf_key', 'expired'] as const
export type CertificateFault = (typeof certificateFaults)[number]

export const pairingFaults = ['tampered_account_signature', 'wrong_hmac'] as const
export type PairingFault = (typeof pairingFaults)[number]

/** How the network meets new connections: `refuse` at the door, `drop` before or after the login. */
export const doors = ['open', 'refuse', 'drop', 'drop_after_login'] as const
export type Door = (typeof doors)[number]

export interface LoginFault {
  reason: number
  /** A temporary ban says for how long. */
  expireS?: number
  times: number
}

export interface SendFault {
  /** No ack at all, an error code in the ack, or the line cut instead of it. */
  ack: 'withhold' | 'drop' | number
  /** Whether the message still reaches its recipients. */
  deliver: boolean
  times: number
}

export interface NetworkFaults {
  certificate: CertificateFault | undefined
  door: Door
}

/** What goes wrong for the linked devices of one account. */
export interface AccountFaults {
  pairing: PairingFault | undefined
  withholdOffline: boolean
  /** Whether the keys that a device publishes are taken without an answer. */
  withholdKeyAnswers: boolean
  logins: LoginFault[]
  sends: SendFault[]
}

export function noAccountFaults(): AccountFaults {
  return { pairing: undefined, withholdOffline: false, withholdKeyAnswers: false, logins: [], sends: [] }
}

/** Takes the next planned fault of a list, one of its times. */
export function takeFault<Fault extends { times: number }>(planned: Fault[]): Fault | undefined {
  const [next] = planned
  if (!next) return undefined
  next.times -= 1
  if (next.times <= 0) planned.shift()
  return next
}
