import { createHash } from 'node:crypto'
import { jidDecode } from '@whiskeysockets/baileys'

const HASH_BYTES = 6
/** What may be a hash of devices: a version and base64. */
const HASH = /^[0-9]{1,2}:[A-Za-z0-9+/=_-]{4,64}$/

/** The hash in an ack; null when there is none, or the text cannot be one. */
export const hashIn = (text: string | undefined): string | null => (text !== undefined && HASH.test(text) ? text : null)

/** WhatsApp's hash of a list of devices (whatsmeow send.go, 2026-08-21), made from their JIDs, written in full. */
export function participantHash(devices: readonly string[]): string {
  const list = [...new Set(devices.map(inFull))].toSorted().join('')
  return `2:${createHash('sha256').update(list).digest().subarray(0, HASH_BYTES).toString('base64')}`
}

function inFull(jid: string): string {
  const { user, device = 0, server } = jidDecode(jid) ?? { user: jid, server: '' }
  return `${user}.0:${device}@${server}`
}
