import type { Phone } from './ids.ts'
import type { PasskeyRequest } from './passkey.ts'
import type { ProblemCode } from './problem.ts'

/**
 * Why an account is not connected.
 *
 * The first group is WhatsApp's (reference: the close codes of Baileys 7.0.0-rc14, whatsapp-protocol.md §4), the second
 * is ours.
 */
export type DisconnectReason =
  | 'logged_out' // 401: the device was removed on the phone; 516: WhatsApp has logged it out
  | 'temporary_ban' // 402: WhatsApp says until when
  | 'locked' // 403: the number is locked, or its WhatsApp has moved to another phone (whatsmeow, zapo)
  | 'client_outdated' // 405: WhatsApp refuses the version that we announce, and no newer one is known
  | 'banned' // 406 (WhatsApp Web's own name for it, after whatsmeow and zapo)
  | 'client_refused' // 400, 409, 415, 418, 501: retrying with the same client does not help
  | 'connection_lost' // 408: the server was silent
  | 'multidevice_mismatch' // 411
  | 'connection_closed' // 428: the connection dropped
  | 'replaced' // 440: another process uses this login
  | 'stream_error' // 500, and every end without a code of its own
  | 'unavailable' // 503
  | 'restart_required' // 515
  | 'server_not_trusted' // the Noise certificate chain did not verify
  | 'pairing_refused' // the phone's signature over this device did not verify, or WhatsApp did not accept a pairing code
  | 'pairing_ended' // the codes ran out, or the pairing was stopped
  | 'client_old' // the codes ran out, and the version that we announce is old: a phone may have refused it silently
  | 'passkey_required' // the account requires a passkey before it links a device, and none was given in time
  | 'passkey_refused' // WhatsApp or the phone did not continue after the passkey was given
  | 'passkey_unreadable' // WhatsApp's passkey request does not have the known format
  | 'number_in_use' // the linked number belongs to another account of this host
  | 'state_unreadable' // the account's file does not have the expected contents
  | 'state_unsafe' // the account's file or folder is readable by others, a symbolic link, another user's, or from a newer version
  | 'other_network' // the account was paired under another network's root key
  | 'gateway_down' // the child process is not running
  | 'storage' // the account's file cannot be written; nothing is acked until it can
  | 'backlog_stalled' // the account's backlog does not arrive, although it was requested again and the connection renewed

/**
 * What WhatsApp itself said when it ended a connection. The texts are WhatsApp's, each on one line, shortened, with no hidden
 * characters; null if it said nothing. They are only displayed: never act on them, and do not make the address a link.
 */
export type LastWords = {
  /**
   * The code, such as `403`. If a stream ended without a code: what WhatsApp named instead, such as `conflict merged` or `ack`.
   * Null if it named nothing.
   */
  readonly code: string | null
  /** `logout_message_header`: at most 200 characters. */
  readonly header: string | null
  /** `logout_message_subtext`: at most 1,000 characters. */
  readonly subtext: string | null
  /** `message`: at most 200 characters. */
  readonly message: string | null
  /** `url`: at most 500 characters. */
  readonly url: string | null
}

/** What WhatsApp said, in addition to the reason; absent if WhatsApp did not end the connection with a statement. */
type Said = { readonly said?: LastWords }

/**
 * The state of one account's link, as a stream: never a promise. `permanent` means that waiting does not help: a person has to
 * act, and `reason` says what happened.
 */
export type ConnectionState =
  | { readonly status: 'not_configured' }
  /** No login yet; `reason` says why the last login ended, null if there was none. */
  | ({ readonly status: 'not_paired'; readonly reason: DisconnectReason | null } & Said)
  | { readonly status: 'pairing' }
  /** `reason`: why the last connection ended or could not be opened; absent if there was none, and after a good connection. */
  | ({ readonly status: 'connecting'; readonly reason?: DisconnectReason } & Said)
  | { readonly status: 'connected'; readonly phone: Phone; readonly since: number }
  | ({
      readonly status: 'waiting'
      readonly reason: DisconnectReason
      readonly permanent: false
      /** When the next attempt starts; ms UTC. */
      readonly retryAt: number
      /** What a person can do about it; absent if waiting is all that helps. Contains no secret and no phone number. */
      readonly detail?: string
    } & Said)
  /** Our storage fails. The connection was dropped without acks; WhatsApp delivers everything again once the storage works. */
  | {
      readonly status: 'degraded'
      readonly reason: 'storage' | 'disk_full'
      readonly permanent: false
      readonly retryAt: number
    }
  /**
   * The connection is up, but something is wrong: part of the backlog does not arrive, or the channel has a {@link ProblemCode
   * problem}; `reason` is the gravest one.
   */
  | {
      readonly status: 'degraded'
      readonly reason: 'backlog_stalled' | ProblemCode
      readonly permanent: false
      readonly phone: Phone
      /** Since when the connection is up; ms UTC. */
      readonly since: number
    }
  | ({
      readonly status: 'stopped'
      readonly reason: DisconnectReason
      readonly permanent: true
      /** What happened and what to do, for a person; contains no secret and no phone number. */
      readonly detail: string
    } & Said)

/** A state in which the connection is up, even if something else is wrong. */
export type LineUp = Extract<ConnectionState, { phone: Phone }>

export const isUp = (state: ConnectionState): state is LineUp => 'phone' in state

/**
 * How much of an account's backlog has arrived on its connection: messages, receipts and notices together. `total` is the count
 * that WhatsApp announced at the login (`<offline_preview count>`), or the number that has arrived if that is larger; `done` is
 * the number that has arrived.
 */
export type Backlog = { readonly total: number; readonly done: number }

/** The state of one pairing. `pending` repeats with each code; the other states are final. */
export type PairingState =
  /** `qr` is secret: a person who scans it links their phone. It is never stored and never logged. */
  | { readonly status: 'pending'; readonly qr: string; readonly expiresAt: number }
  /** Eight characters to type on the phone. Equally secret: a person who knows them can act between the phone and us. */
  | { readonly status: 'pending'; readonly pairingCode: string; readonly expiresAt: number }
  /** The account requires a passkey; the codes are no longer of use. Equally secret. `expiresAt` is when this step ends. */
  | { readonly status: 'pending'; readonly passkey: PasskeyRequest; readonly expiresAt: number }
  | { readonly status: 'connected'; readonly phone: Phone }
  /** The codes ran out, a newer pairing started, or the pairing was stopped or refused. */
  | ({ readonly status: 'expired'; readonly reason: DisconnectReason } & Said)
  /** The number is linked to another account of this host and stays linked there; the new device is removed again. */
  | { readonly status: 'conflict' }
