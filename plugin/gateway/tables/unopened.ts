import { deserialize, serialize } from 'node:v8'
import { proto, type WAMessage } from '@whiskeysockets/baileys'

import { DAY_MS } from '../../base/durations.ts'
import type { Chat } from '../../contract/ids.ts'
import { forgetAtOf, type InboundMessage } from '../../contract/message.ts'
import { sameChat } from '../kinds/jid.ts'
import type { AccountDatabase } from './journal.ts'
import type { SecretPorts } from './secrets.ts'

/** Sealed changes that could not be opened here: the message that they are about may still come. */
export type Unopened = {
  /** Stores a message that is `sealed`. Runs inside the caller's transaction. */
  readonly note: (message: InboundMessage, sent: WAMessage) => void
  /** The stored messages about a message that has come now. Each is returned once. */
  readonly about: (message: Pick<InboundMessage, 'stanzaId' | 'chat'>) => WAMessage[]
  readonly prune: () => void
}

export const UNOPENED_SCHEMA = `
  CREATE TABLE unopened (position INTEGER PRIMARY KEY, target TEXT NOT NULL, chat TEXT NOT NULL, envelope BLOB NOT NULL,
    message BLOB NOT NULL, at INTEGER NOT NULL);
  CREATE INDEX unopened_by_target ON unopened (target);`

/** Longer than WhatsApp keeps a message for a device that could not read it. */
const KEPT_MS = 30 * DAY_MS
const KEPT_MOST = 10_000

type Row = {
  readonly position: number
  readonly chat: string
  readonly envelope: Uint8Array
  readonly message: Uint8Array
}

export function openUnopened(database: AccountDatabase, { now, complete }: SecretPorts): Unopened {
  const put = database.prepare(
    'INSERT INTO unopened (target, chat, envelope, message, at, forget_at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const find = database.prepare<[string], Row>(
    'SELECT position, chat, envelope, message FROM unopened WHERE target = ? ORDER BY position',
  )
  const forget = database.prepare('DELETE FROM unopened WHERE position = ?')
  return {
    note: ({ content, chat, ...said }, { message, ...envelope }) => {
      if (content.kind !== 'sealed' || content.target === null || !message) return
      const bytes = Buffer.from(proto.Message.encode(message).finish())
      put.run(content.target, JSON.stringify(chat), serialize(envelope), bytes, now(), forgetAtOf(said))
    },
    about: ({ stanzaId, chat }) =>
      find.all(stanzaId).flatMap(({ position, chat: there, envelope, message }) => {
        if (!sameChat(JSON.parse(there) as Chat, chat, complete)) return []
        forget.run(position)
        return [{ ...(deserialize(envelope) as WAMessage), message: proto.Message.decode(message) }]
      }),
    prune: () => {
      database.prepare('DELETE FROM unopened WHERE at < ?').run(now() - KEPT_MS)
      database.prepare('DELETE FROM unopened WHERE position <= (SELECT max(position) FROM unopened) - ?').run(KEPT_MOST)
    },
  }
}
