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
  | 'client_refused' // 400, 409, 415, 418, 501: another try by the same client changes nothing
  | 'connection_lost' // 408: silence
  | 'multidevice_mismatch' // 411
  | 'connection_closed' // 428: the line dropped
  | 'replaced' // 440: another process uses this login
  | 'stream_error' // 500 and what has no code of its own
  | 'unavailable' // 503
  | 'restart_required' // 515
  | 'server_not_trusted' // the Noise certificate chain did not verify
  | 'pairing_refused' // the phone's signature over this device did not verify, or WhatsApp would not take a pairing code
  | 'pairing_ended' // the codes ran out, or the pairing was stopped
  | 'client_old' // the codes ran out, and the version that we announce is old: a phone may have refused it without a word
  | 'passkey_required' // the account wants a passkey before it links a device, and none was given in time
  | 'passkey_refused' // WhatsApp or the phone did not go on with the passkey that was given
  | 'passkey_unreadable' // what WhatsApp sent about the passkey is not what is known of it
  | 'number_in_use' // the number that was linked is another account's of this host
  | 'state_unreadable' // the account's file cannot be read as what it should be
  | 'state_unsafe' // the account's file or folder is readable by others, a link, not ours, or of a newer version
  | 'other_network' // the account was paired under another network's root key
  | 'gateway_down' // the child process is not running
  | 'storage' // the account's file cannot be written: nothing is acknowledged until it can
  | 'backlog_stalled' // what waits at WhatsApp for the account does not come, though it was asked for again and the line renewed

/**
 * What WhatsApp itself said as it ended a connection. The texts are WhatsApp's, each on one line and cut, with nothing hidden in
 * them; null where it said nothing. They are shown and never followed: the address is no link.
 */
export type LastWords = {
  /**
   * Its code, such as `403`; of a stream's end without one what it named instead, such as `conflict merged` or `ack`. Null when it
   * named nothing.
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

/** Beside a reason: what WhatsApp said; absent when the connection did not end by a word of WhatsApp's. */
type Said = { readonly said?: LastWords }

/**
 * The state of one account's link, as a stream: never a promise. `permanent` means that waiting will not help: a person
 * has to do something, and `reason` says what happened.
 */
export type ConnectionState =
  | { readonly status: 'not_configured' }
  /** No login yet; `reason` says why the last one ended, null when there was none. */
  | ({ readonly status: 'not_paired'; readonly reason: DisconnectReason | null } & Said)
  | { readonly status: 'pairing' }
  /** `reason`: why the last connection ended, or was not made; left out when there was none, and after a good one. */
  | ({ readonly status: 'connecting'; readonly reason?: DisconnectReason } & Said)
  | { readonly status: 'connected'; readonly phone: Phone; readonly since: number }
  | ({
      readonly status: 'waiting'
      readonly reason: DisconnectReason
      readonly permanent: false
      /** When the next attempt is made; ms UTC. */
      readonly retryAt: number
      /** What a person can do about it; left out where waiting is all that helps. Names no secret and no phone number. */
      readonly detail?: string
    } & Said)
  /** Our storage fails: the line was dropped unacknowledged, and all arrives again when it heals. */
  | {
      readonly status: 'degraded'
      readonly reason: 'storage' | 'disk_full'
      readonly permanent: false
      readonly retryAt: number
    }
  /**
   * The line is up, and not all is well: part of what waited at WhatsApp does not come, or there is a {@link ProblemCode problem} with
   * what the channel does, the gravest of them.
   */
  | {
      readonly status: 'degraded'
      readonly reason: 'backlog_stalled' | ProblemCode
      readonly permanent: false
      readonly phone: Phone
      /** Since when the line is up; ms UTC. */
      readonly since: number
    }
  | ({
      readonly status: 'stopped'
      readonly reason: DisconnectReason
      readonly permanent: true
      /** What happened and what to do, for a person; names no secret and no phone number. */
      readonly detail: string
    } & Said)

/** A state in which the line is up, whether or not all is well with it. */
export type LineUp = Extract<ConnectionState, { phone: Phone }>

export const isUp = (state: ConnectionState): state is LineUp => 'phone' in state

/**
 * How far what waited at WhatsApp for an account has come on its line: messages, receipts and notices alike. `total` is what
 * WhatsApp announced at the login (`<offline_preview count>`), or what has come when that is more; `done` is what has come.
 */
export type Backlog = { readonly total: number; readonly done: number }

/** The state of one pairing. `pending` repeats with each code; the others are final. */
export type PairingState =
  /** `qr` is secret: a person who scans it links their phone. It is never stored and never logged. */
  | { readonly status: 'pending'; readonly qr: string; readonly expiresAt: number }
  /** Eight characters to be typed on the phone, as secret: who knows them can stand between the phone and us. */
  | { readonly status: 'pending'; readonly pairingCode: string; readonly expiresAt: number }
  /** The account wants a passkey, as secret: the codes are of no use any more. `expiresAt` is when this step ends. */
  | { readonly status: 'pending'; readonly passkey: PasskeyRequest; readonly expiresAt: number }
  | { readonly status: 'connected'; readonly phone: Phone }
  /** The codes ran out, a newer pairing began, it was stopped, or it was refused. */
  | ({ readonly status: 'expired'; readonly reason: DisconnectReason } & Said)
  /** The number is linked to another account of this host, and stays there: the new device is removed again. */
  | { readonly status: 'conflict' }
