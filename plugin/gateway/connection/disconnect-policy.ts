import type { DisconnectReason, LastWords } from '../../contract/connection.ts'
import type { FileFault } from '../storage-guard.ts'

/** How a connection ended. */
export type Closing = {
  /** WhatsApp's code, or the one that Baileys assigns where there is none; null for an error that is not a close at all. */
  readonly code: number | null
  /** The cause, when it is known better than by the code. */
  readonly cause: 'server_not_trusted' | 'pairing_refused' | FileFault | null
  /** Whether a server whose handshake held sent the code. Only then does a code stop an account. */
  readonly attested: boolean
  /** How long a temporary ban lasts from now, in ms, when the server said so. */
  readonly banMs: number | null
  /** WhatsApp's words, when it ended the connection by a stanza. */
  readonly said?: LastWords
}

/** WhatsApp's words as a field to add beside a reason; an empty object when there are none. */
export const saidIn = ({ said }: Pick<Closing, 'said'>): Pick<Closing, 'said'> => (said ? { said } : {})

/** What to do after a close. `restart`: connect again at once. */
export type Verdict =
  | { readonly next: 'stop'; readonly reason: DisconnectReason; readonly detail: string }
  | { readonly next: 'wait'; readonly reason: DisconnectReason; readonly waitMs: number }
  | { readonly next: 'restart'; readonly reason: DisconnectReason }
  /** WhatsApp refuses the version that was announced: connect again with another one. */
  | { readonly next: 'outdated'; readonly reason: DisconnectReason }
  | { readonly next: 'back_off'; readonly reason: DisconnectReason }
  | { readonly next: 'end_pairing'; readonly reason: DisconnectReason }

/** What the account was doing when its connection ended. */
export type Situation = {
  /** Whether the login that was used belongs to a linked device. */
  readonly linked: boolean
  /** Whether the close before this one was answered by a restart as well. */
  readonly restarted: boolean
}

/** How long to wait after a ban without an expiry. */
const UNKNOWN_BAN_MS = 3_600_000

const REFUSED =
  'WhatsApp refuses this client. Reload the channel to try again; if that does not help, update the plugin.'

const STOPS: Readonly<Record<number, readonly [DisconnectReason, string]>> = {
  400: ['client_refused', REFUSED],
  401: ['logged_out', 'The device was removed on the phone. Link it again by QR; the old keys stay until then.'],
  403: [
    'locked',
    'WhatsApp has locked this number, or it has moved to another phone. Open WhatsApp on the phone and follow what it says; then reload the channel, or link the phone again.',
  ],
  406: [
    'banned',
    'WhatsApp has banned this number. Open WhatsApp on the phone: it says why, and how to ask for a review.',
  ],
  409: ['client_refused', REFUSED],
  411: [
    'multidevice_mismatch',
    'The account does not take part in multi-device. Update WhatsApp on the phone and link again.',
  ],
  415: ['client_refused', REFUSED],
  418: ['client_refused', REFUSED],
  440: ['replaced', 'Another process has connected with this login. Stop that one, then reload the channel.'],
  501: ['client_refused', REFUSED],
  516: ['logged_out', 'WhatsApp has logged this device out. Link it again by QR; the old keys stay until then.'],
}

const DAMAGED_FILE = 'The file of this account is damaged. It was left as it is: restore it, or unlink and pair again.'

const OUTDATED = 405

const REASONS: Readonly<Record<number, DisconnectReason>> = {
  408: 'connection_lost',
  428: 'connection_closed',
  500: 'stream_error',
  503: 'unavailable',
  515: 'restart_required',
}

/**
 * Decides what to do after a close, by the table of whatsapp-protocol.md §4, and of whatsapp-today.md §7 where that is newer. The
 * account stops when a person has to act. 405 asks for another version, linked or not. A temporary ban waits for its expiry. 515
 * restarts at once, but only once. Any other close without a linked login ends the pairing. The rest backs off for as long as the
 * account is linked.
 */
export function verdictOn(closing: Closing, situation: Situation): Verdict {
  const { code, attested } = closing
  if (code === 515 && attested && !situation.restarted) return { next: 'restart', reason: 'restart_required' }
  const reason = reasonOf(closing)
  if (closing.cause === 'state_unreadable') return { next: 'stop', reason: 'state_unreadable', detail: DAMAGED_FILE }
  if (code === OUTDATED && attested && closing.cause === null) return { next: 'outdated', reason }
  if (!situation.linked) return { next: 'end_pairing', reason }
  if (!attested || code === null || closing.cause === 'storage') return { next: 'back_off', reason }
  const stop = STOPS[code]
  if (stop) return { next: 'stop', reason: stop[0], detail: stop[1] }
  if (code === 402) return { next: 'wait', reason, waitMs: closing.banMs ?? UNKNOWN_BAN_MS }
  return { next: 'back_off', reason }
}

function reasonOf({ code, cause, attested }: Closing): DisconnectReason {
  if (cause) return cause
  if (code === null) return attested ? 'stream_error' : 'server_not_trusted'
  if (!attested) return REASONS[code] ?? 'connection_closed'
  if (code === 402) return 'temporary_ban'
  if (code === OUTDATED) return 'client_outdated'
  return STOPS[code]?.[0] ?? REASONS[code] ?? 'stream_error'
}
