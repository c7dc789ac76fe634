import { createHash } from 'node:crypto'
import { proto, type WAMessageKey } from '@whiskeysockets/baileys'

import { DAY_MS } from '../../base/durations.ts'
import { canonicalKey, chatKey } from '../../contract/ids.ts'
import { forgetAtOf, type InboundMessage } from '../../contract/message.ts'
import { filePartOf } from '../kinds/attachment.ts'
import type { AccountDatabase } from './journal.ts'
import { unwrapped } from '../kinds/unwrap.ts'

/** A file that somebody sent: what it is fetched with, and the key of its message. */
export type SentFile = { readonly message: proto.IMessage; readonly key: WAMessageKey }

/** What is needed to fetch the files of an account's messages. Their keys never leave this process. */
export type Files = {
  /** Stores what is needed to fetch a message's file. Runs inside the caller's transaction. */
  readonly note: (message: InboundMessage, said: SentFile) => void
  readonly find: (file: string) => SentFile | null
  /** The file is at another place now. */
  readonly moved: (file: string, message: proto.IMessage) => void
  readonly prune: () => void
}

export const FILE_SCHEMA = `
  CREATE TABLE files (file TEXT PRIMARY KEY, message BLOB NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL)
    WITHOUT ROWID;`

/** About as long as WhatsApp's media host keeps a file. The phone is not asked for it later, either. */
const KEPT_MS = 30 * DAY_MS

/** The name under which the host asks for a message's file. It is the same each time that the message comes. */
export function fileNameOf({
  chat,
  sender,
  stanzaId,
  edits,
}: Pick<InboundMessage, 'chat' | 'sender' | 'stanzaId' | 'edits'>): string {
  const identity = [chatKey(chat), canonicalKey(sender), stanzaId, edits ?? ''].join(' ')
  return createHash('sha256').update(identity).digest('hex').slice(0, 32)
}

/** Only what is needed to fetch a file: thumbnails and the like are the larger part of a message. */
function essence(said: proto.IMessage): proto.IMessage | null {
  const inner = unwrapped(said)
  const found = inner && filePartOf(inner.message)
  if (!found) return null
  const { url = null, directPath = null, fileLength = null } = found.part
  const { mediaKey = null, fileSha256 = null, fileEncSha256 = null } = found.part
  return { documentMessage: { url, directPath, fileLength, mediaKey, fileSha256, fileEncSha256 } }
}

export function openFiles(database: AccountDatabase, now: () => number): Files {
  type Row = { readonly message: Uint8Array; readonly key: string }
  const put = database.prepare('INSERT OR IGNORE INTO files (file, message, key, at, forget_at) VALUES (?, ?, ?, ?, ?)')
  const find = database.prepare<[string], Row>('SELECT message, key FROM files WHERE file = ?')
  const move = database.prepare('UPDATE files SET message = ? WHERE file = ?')
  const encoded = (message: proto.IMessage): Buffer => Buffer.from(proto.Message.encode(message).finish())
  return {
    note: ({ file, ...said }, { message, key }) => {
      const kept = file === null ? null : essence(message)
      if (kept) put.run(file, encoded(kept), JSON.stringify(key), now(), forgetAtOf(said))
    },
    find: file => {
      const row = find.get(file)
      return row ? { message: proto.Message.decode(row.message), key: JSON.parse(row.key) as WAMessageKey } : null
    },
    moved: (file, message) => void move.run(encoded(message), file),
    prune: () => void database.prepare('DELETE FROM files WHERE at < ?').run(now() - KEPT_MS),
  }
}
