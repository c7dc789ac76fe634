import type { WireConnection } from '../../contract/api/channels.ts'
import type { DisconnectReason } from '../../contract/connection.ts'
import type { ProblemCode } from '../../contract/problem.ts'
import type { Tone } from '../parts/badge.tsx'

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

/** The line is up, and not all is well with it. */
const STALLED: { tone: Tone; word: string } = { tone: 'wait', word: 'connected, messages wait' }
/** What is wrong beside it stands above the view. */
const TROUBLED: { tone: Tone; word: string } = { tone: 'bad', word: 'connected, not well' }

/** How a link stands, in a few words. */
export function badgeOf({ status, reason, phone }: Pick<WireConnection, 'status' | 'reason' | 'phone'>) {
  if (status !== 'degraded' || phone === null) return BADGES[status]
  return reason === 'backlog_stalled' ? STALLED : TROUBLED
}

/** What happened to a link, and what to do; for reasons that a person meets. */
const REASONS: Partial<Record<DisconnectReason, string>> = {
  logged_out:
    'The device was removed on the phone: WhatsApp → Settings → Linked devices. Link it anew to go on; bindings and messages are still here.',
  temporary_ban: 'WhatsApp has locked the number out for a while. Nothing is tried until then.',
  locked:
    'WhatsApp has locked the number, or it has moved to another phone. Open WhatsApp on the phone and follow what it says; then reload the channel, or link the phone again.',
  banned: 'WhatsApp has banned the number. Only WhatsApp can lift that, in its app on the phone.',
  client_outdated:
    'WhatsApp refuses this client as too old, and no newer version was found. Let this host reach https://web.whatsapp.com, set “web_version” to auto where it is pinned, or update the plugin; then reload the channel.',
  client_refused:
    'WhatsApp refuses this client. Reload the channel to try again; if that does not help, update the plugin.',
  connection_lost: 'WhatsApp went silent.',
  multidevice_mismatch: 'WhatsApp wants this device to be linked anew.',
  connection_closed: 'The line to WhatsApp dropped.',
  replaced: 'Another program uses this login. End one of the two.',
  stream_error: 'WhatsApp ended the connection with an error.',
  unavailable: 'WhatsApp is not available.',
  restart_required: 'WhatsApp asked for a new connection.',
  server_not_trusted:
    'What answered could not prove that it is WhatsApp. Something stands between this host and WhatsApp.',
  pairing_refused: 'What the phone sent does not bear its signature. Nothing was linked; try again.',
  pairing_ended: 'The codes ran out before one was used.',
  client_old:
    'The codes ran out before one was used. If the phone said that it could not link the device: WhatsApp may refuse this client, which is more than 100 days old. Let this host reach https://web.whatsapp.com, update the plugin, or set “web_version” to a newer one.',
  passkey_required:
    'This number is protected by a passkey, and none was given in time. Nothing was linked. Begin again and do what is shown after the code was taken.',
  passkey_refused:
    'WhatsApp did not go on with the passkey that was given. Nothing was linked. Begin again, and use the passkey of this number.',
  passkey_unreadable:
    'What WhatsApp sent about the passkey of this number is not what is known of it. Nothing was linked. Try again; if that does not help, update the plugin.',
  number_in_use: 'That number is linked to another account of this host already.',
  state_unreadable: 'The file with the keys of this account cannot be read.',
  state_unsafe: 'The file with the keys of this account is open to others.',
  other_network: 'This account was linked in another network.',
  gateway_down: 'The process that talks to WhatsApp is not running; it is started again.',
  backlog_stalled:
    'Messages wait at WhatsApp for this account, and WhatsApp does not hand them over, though they were asked for again on a new connection. Messages go out; what is written now comes in unless WhatsApp holds it back as well. The phone shows what is missing here. It is asked for again every few minutes, and on a new connection each hour, or now when the channel is reloaded.',
  storage: 'The disk does not take what arrives. Nothing is acknowledged, and all of it comes again once it does.',
}

/** What stands above every view with more words. */
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

/** The sentence for a reason; null when there is none, or when it is a problem, which is told above every view. */
export const sentenceOf = (reason: string | null): string | null =>
  reason === null || isToldAbove(reason) ? null : (REASONS[reason as DisconnectReason] ?? `The link ended: ${reason}.`)
