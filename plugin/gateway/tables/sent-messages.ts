import type { Chat } from '../../contract/ids.ts'
import { sameChat, type AddressingMode } from '../kinds/jid.ts'
import type { AccountDatabase, Journal } from './journal.ts'
import { overwriteFor } from './overwriting.ts'

/** A message of ours, and the address to which it is sent. */
export type SentMessage = {
  readonly stanzaId: string
  readonly bytes: Uint8Array
  readonly chat: Chat
  /** Null in a group, which has a mode of its own. */
  readonly mode: AddressingMode | null
  /** When its bytes are to be forgotten, in ms UTC, though somebody might ask for it; null or missing: not before. */
  readonly forgetAt?: number | null
}

/** WhatsApp's refusal of a message, and what follows from it. It outlives the process: there is one second transmission in all. */
export type Refusal = {
  readonly code: number
  /** By the server's clock, ms UTC. */
  readonly at: number
  /** The mode of the address at which it was refused; in a group, the group's mode. */
  readonly mode: AddressingMode | null
  /** A mark of the token that the message carried; null for none. */
  readonly carried: string | null
  /** The second transmission has begun. */
  readonly again: boolean
  /** The code with which the second transmission was refused as well: this is final. */
  readonly final: number | null
}

/** How far the transmission of a message has come. */
export type Course = { readonly mode: AddressingMode | null; readonly refusal: Refusal | null }

/** Our messages, for as long as a recipient may ask for one again, and how WhatsApp has reacted to them. */
export type SentMessages = {
  /** Stores a message before it is written. Returns how far it had come before. */
  readonly keepSent: (message: SentMessage) => Course
  /** Stores the mode of the message's address from now on, and its refusal. */
  readonly noteCourse: (stanzaId: string, course: Course) => void
  /** The mode of the address where the message was accepted, or was written last; null when that is not known. */
  readonly modeOf: (stanzaId: string) => AddressingMode | null
  readonly isSent: (stanzaId: string) => boolean
  /**
   * The message's bytes, for the chat in which it was sent: anybody else who asks only knows its id. Null once they are forgotten.
   */
  readonly sent: (stanzaId: string, chat: Chat) => Uint8Array | null
  readonly pruneSent: () => void
}

export const SENT_SCHEMA = `
  CREATE TABLE sent (stanza_id TEXT PRIMARY KEY, bytes BLOB NOT NULL, at INTEGER NOT NULL, chat TEXT, mode TEXT, refusal TEXT)
    WITHOUT ROWID;`

/** The columns that were added later: the chat, and then the course. */
export const SENT_CHAT = 'ALTER TABLE sent ADD COLUMN chat TEXT;'
export const SENT_COURSE = 'ALTER TABLE sent ADD COLUMN mode TEXT; ALTER TABLE sent ADD COLUMN refusal TEXT;'

/** How long recipients may ask for a message again (reliability.md §2.5). */
const SENT_MS = 14 * 86_400_000

type Kept = { readonly mode: AddressingMode | null; readonly refusal: string | null }
type Row = { readonly bytes: Uint8Array; readonly chat: string | null }

export function openSentMessages(
  database: AccountDatabase,
  { now, complete }: { readonly now: () => number; readonly complete: Journal['complete'] },
): SentMessages {
  const put = database.prepare<[string, Buffer, number, string, AddressingMode | null, number | null], Kept>(`
    INSERT INTO sent (stanza_id, bytes, at, chat, mode, forget_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (stanza_id) DO UPDATE SET bytes = excluded.bytes, at = excluded.at, chat = excluded.chat,
      forget_at = excluded.forget_at, mode = coalesce(mode, excluded.mode)
    RETURNING mode, refusal`)
  const note = database.prepare('UPDATE sent SET mode = ?, refusal = ? WHERE stanza_id = ?')
  const mode = database.prepare<[string], AddressingMode | null>('SELECT mode FROM sent WHERE stanza_id = ?').pluck()
  const find = database.prepare<[string, number], Row>('SELECT bytes, chat FROM sent WHERE stanza_id = ? AND at >= ?')
  const rowOf = (stanzaId: string): Row | undefined => find.get(stanzaId, now() - SENT_MS)
  return {
    keepSent: ({ stanzaId, bytes, chat, mode: chosen, forgetAt = null }) => {
      overwriteFor(database, forgetAt)
      const kept = put.get(stanzaId, Buffer.from(bytes), now(), JSON.stringify(chat), chosen, forgetAt)
      const refusal = kept?.refusal ? (JSON.parse(kept.refusal) as Refusal) : null
      return { mode: kept?.mode ?? chosen, refusal }
    },
    noteCourse: (stanzaId, course) => void note.run(course.mode, JSON.stringify(course.refusal), stanzaId),
    modeOf: stanzaId => mode.get(stanzaId) ?? null,
    isSent: stanzaId => rowOf(stanzaId) !== undefined,
    sent: (stanzaId, chat) => {
      const row = rowOf(stanzaId)
      const isForgotten = row?.bytes.length === 0
      return row?.chat && !isForgotten && sameChat(JSON.parse(row.chat) as Chat, chat, complete) ? row.bytes : null
    },
    pruneSent: () => void database.prepare('DELETE FROM sent WHERE at < ?').run(now() - SENT_MS),
  }
}
