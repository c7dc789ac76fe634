import { deserialize, serialize } from 'node:v8'
import {
  decodeMessageNode,
  proto,
  type AuthenticationCreds,
  type BinaryNode,
  type WAMessage,
} from '@whiskeysockets/baileys'

import { DAY_MS } from '../../base/durations.ts'
import type { AccountDatabase } from './journal.ts'

/** Messages that came without a ciphertext and are requested from the phone, until they have come or are no longer requested. */
export type Recoveries = {
  /** Notes a message that Baileys is about to request. Runs inside the caller's transaction. */
  readonly note: (stanza: BinaryNode) => void
  /** A message that the phone sent, in the envelope in which it first came; unchanged if that envelope is not known. */
  readonly inItsEnvelope: (sent: WAMessage) => WAMessage
  /** The phone has sent the message. */
  readonly settle: (id: string) => void
  /** The keys of the messages to request now. Each is counted as requested, so that none is requested for ever. */
  readonly takeDue: () => proto.IMessageKey[]
  readonly prune: () => void
}

export const RECOVERY_SCHEMA = `
  CREATE TABLE recoveries (id TEXT NOT NULL, chat TEXT NOT NULL, stanza BLOB NOT NULL, asked INTEGER NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (id, chat)) WITHOUT ROWID;`

type Ports = { readonly now: () => number; readonly me: () => AuthenticationCreds['me'] }

/** How long phones keep a message for such requests (Baileys rc14, `PLACEHOLDER_MAX_AGE_SECONDS`). */
const ASKED_FOR_MS = 14 * DAY_MS
/** Each request costs the phone a message to us. */
const MOST_ASKS = 5
const ASKED_AT_ONCE = 100
/** A phone never sends messages that are shown once, or of a device hosted by WhatsApp itself (Baileys rc14, messages-recv.js). */
const FOR_ONE_LOOK = ['view_once', 'view_once_unavailable_fanout']
const NEVER_SENT = new Set([...FOR_ONE_LOOK, 'bot_unavailable_fanout', 'hosted_unavailable_fanout'])
const DONE = MOST_ASKS

export function openRecoveries(database: AccountDatabase, { now, me }: Ports): Recoveries {
  const put = database.prepare('INSERT OR IGNORE INTO recoveries (id, chat, stanza, asked, at) VALUES (?, ?, ?, 1, ?)')
  const find = database.prepare<[string], Uint8Array>('SELECT stanza FROM recoveries WHERE id = ?').pluck()
  const done = database.prepare('UPDATE recoveries SET asked = ? WHERE id = ?')
  const due = database
    .prepare<[number, number, number], Uint8Array>(
      'SELECT stanza FROM recoveries WHERE asked < ? AND at > ? ORDER BY at LIMIT ? + 0',
    )
    .pluck()
  const count = database.prepare('UPDATE recoveries SET asked = asked + 1 WHERE id = ? AND chat = ?')
  const envelopeOf = (stanza: BinaryNode): WAMessage | null => {
    try {
      return decodeMessageNode(stanza, me()?.id ?? '', me()?.lid ?? '').fullMessage
    } catch {
      return null
    }
  }
  return {
    note: stanza => {
      const sentAt = Number(stanza.attrs['t']) * 1_000
      if (!isAskedFor(stanza) || !(sentAt > now() - ASKED_FOR_MS) || !envelopeOf(stanza)) return
      put.run(stanza.attrs['id'] ?? '', stanza.attrs['from'] ?? '', serialize(stanza), Math.min(sentAt, now()))
    },
    inItsEnvelope: sent => {
      const kept = find.get(sent.key.id ?? '')
      const envelope = kept && envelopeOf(deserialize(kept) as BinaryNode)
      return envelope ? (proto.WebMessageInfo.fromObject({ ...envelope, message: sent.message }) as WAMessage) : sent
    },
    settle: id => void done.run(DONE, id),
    takeDue: database.transaction(() =>
      due.all(MOST_ASKS, now() - ASKED_FOR_MS, ASKED_AT_ONCE).flatMap(kept => {
        const stanza = deserialize(kept) as BinaryNode
        count.run(stanza.attrs['id'] ?? '', stanza.attrs['from'] ?? '')
        const key = envelopeOf(stanza)?.key
        const { remoteJid = null, fromMe = null, id = null, participant = null } = key ?? {}
        return key ? [{ remoteJid, fromMe, id, participant }] : []
      }),
    ),
    prune: () => void database.prepare('DELETE FROM recoveries WHERE at < ?').run(now() - 2 * ASKED_FOR_MS),
  }
}

/** Whether a message came without its content, because that is shown once and on the phone only. */
export const isForOneLook = ({ content }: BinaryNode): boolean =>
  Array.isArray(content) &&
  content.some(({ tag, attrs }) => tag === 'unavailable' && FOR_ONE_LOOK.includes(attrs['type'] ?? ''))

/** Whether the phone is asked for a message that came like this. */
function isAskedFor({ attrs, content }: BinaryNode): boolean {
  const parts = Array.isArray(content) ? content : []
  const isSealed = parts.some(({ tag }) => tag === 'enc' || tag === 'plaintext')
  const reasons = parts.filter(({ tag }) => tag === 'unavailable')
  const isNeverSent = reasons.some(({ attrs: { type, hosted } }) => NEVER_SENT.has(type ?? '') || hosted === 'true')
  return !isSealed && !isNeverSent && attrs['category'] !== 'peer' && Boolean(attrs['id'])
}
