import type { WireConnection } from '../../contract/api/channels.ts'
import type { DisconnectReason } from '../../contract/connection.ts'
import type { ProblemCode } from '../../contract/problem.ts'
import type { Tone } from './tone.ts'

const BADGES: Record<WireConnection['status'], { tone: Tone; word: string }> = {
  not_configured: { tone: 'plain', word: 'not configured' },
  not_paired: { tone: 'wait', word: 'no phone linked' },
  pairing: { tone: 'wait', word: 'waiting for a phone' },
  connecting: { tone: 'wait', word: 'connecting' },
  connected: { tone: 'good', word: 'connected' },
  waiting: { tone: 'wait', word: 'not connected' },
  degraded: { tone: 'bad', word: 'storage fails' },
  stopped: { tone: 'bad', word: 'stopped' },
}

/** The connection is up, but messages wait. */
const STALLED: { tone: Tone; word: string } = { tone: 'wait', word: 'connected, messages wait' }
/** The problem itself is shown above the view. */
const TROUBLED: { tone: Tone; word: string } = { tone: 'bad', word: 'connected, not well' }

/** The state of a link, in a few words. */
export function badgeOf({ status, reason, phone }: Pick<WireConnection, 'status' | 'reason' | 'phone'>) {
  if (status !== 'degraded' || phone === null) return BADGES[status]
  return reason === 'backlog_stalled' ? STALLED : TROUBLED
}

/** What happened to a link and what to do, for reasons that users can meet. */
const REASONS: Partial<Record<DisconnectReason, string>> = {
  logged_out:
    'The device was removed on the phone: WhatsApp → Settings → Linked devices. Link it again to continue; bindings and messages are kept.',
  temporary_ban: 'WhatsApp has locked the number for some time. No attempt is made until then.',
  locked:
    'WhatsApp has locked the number, or it has moved to another phone. Open WhatsApp on the phone and follow what it says; then reload the channel, or link the phone again.',
  banned: 'WhatsApp has banned the number. Only WhatsApp can lift that, in its app on the phone.',
  client_outdated:
    'WhatsApp rejects this client as too old, and no newer version was found. Allow this host to reach https://web.whatsapp.com, set “web_version” to auto if it is pinned, or update the plugin; then reload the channel.',
  client_refused:
    'WhatsApp rejects this client. Reload the channel to retry; if that does not help, update the plugin.',
  connection_lost: 'WhatsApp stopped responding.',
  multidevice_mismatch: 'WhatsApp requires this device to be linked again.',
  connection_closed: 'The connection to WhatsApp was lost.',
  replaced: 'Another program uses this login. End one of the two.',
  stream_error: 'WhatsApp ended the connection with an error.',
  unavailable: 'WhatsApp is not available.',
  restart_required: 'WhatsApp asked for a new connection.',
  server_not_trusted:
    'The server’s certificate is not WhatsApp’s. A proxy or firewall may be intercepting the connection: check your network, then retry.',
  pairing_refused: 'The phone’s signature is not valid. Nothing was linked; try again.',
  pairing_ended: 'The codes expired before one was used.',
  client_old:
    'The codes expired before one was used. If the phone said that it could not link the device, WhatsApp may reject this client, which is more than 100 days old. Allow this host to reach https://web.whatsapp.com, update the plugin, or set “web_version” to a newer one.',
  passkey_required:
    'This number is protected by a passkey, and none was given in time. Nothing was linked. Start again, and follow the steps that appear after the code was scanned.',
  passkey_refused:
    'WhatsApp did not accept the passkey. Nothing was linked. Start again, and use the passkey of this number.',
  passkey_unreadable:
    'WhatsApp sent an unknown passkey request for this number. Nothing was linked. Try again; if that does not help, update the plugin.',
  number_in_use: 'This number is already linked to another account of this host.',
  state_unreadable: 'The file with the keys of this account cannot be read.',
  state_unsafe: 'Other users can read the file with the keys of this account.',
  other_network: 'This account was linked on another network.',
  gateway_down: 'The process that connects to WhatsApp is not running; it is being restarted.',
  backlog_stalled:
    'Messages wait at WhatsApp for this account, and WhatsApp does not deliver them, even on a new connection. Messages are sent; new messages arrive unless WhatsApp holds them back as well. The phone shows what is missing here. They are requested again every few minutes, on a new connection each hour, or now if the channel is reloaded.',
  storage:
    'Incoming messages cannot be written to the disk. Nothing is acknowledged, and all of it is delivered again once the disk works.',
}

/** Problems that are explained above every view. */
const TOLD_ABOVE: Record<ProblemCode, true> = {
  disk_full: true,
  store_unusable: true,
  gateway_down: true,
  journal_waiting: true,
  workers_down: true,
  audit_failing: true,
  files_unreachable: true,
  agent_failing: true,
  turn_too_long: true,
  dead_letters: true,
  compiler_missing: true,
}

const isToldAbove = (reason: string): boolean => reason !== 'gateway_down' && reason in TOLD_ABOVE

/** The sentence for a reason; null if there is no reason, or if it is a problem shown above every view. */
export const sentenceOf = (reason: string | null): string | null =>
  reason === null || isToldAbove(reason) ? null : (REASONS[reason as DisconnectReason] ?? `The link ended: ${reason}.`)
