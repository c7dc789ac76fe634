import type Database from 'better-sqlite3'

import { DAY_MS, HOUR_MS } from '../../base/durations.ts'
import type { JournalEntry } from '../../contract/gateway-protocol.ts'
import { canonicalKey, chatKey, type Lid, type Person, type Phone } from '../../contract/ids.ts'
import { forgetAtOf, type InboundMessage } from '../../contract/message.ts'
import { overwriteFor } from './overwriting.ts'
import { openSentMessages, SENT_SCHEMA, type SentMessages } from './sent-messages.ts'

/** The open file of one account. */
export type AccountDatabase = Database.Database

/** An entry without its number. */
type Content = JournalEntry extends infer Entry ? (Entry extends JournalEntry ? Omit<Entry, 'seq'> : never) : never

/** A recipient's receipt for a message of ours. */
export type Receipt = Pick<Extract<JournalEntry, { kind: 'receipt' }>, 'stanzaId' | 'receipt' | 'at'>

/** Until when a number of ours may not begin new chats; null: it may. */
export type TimeLock = Pick<Extract<JournalEntry, { kind: 'time_lock' }>, 'phone' | 'until'>

/** The numbered entries that an account has to hand over, and what it remembers so that it hands nothing over twice. */
export type Journal = Omit<SentMessages, 'pruneSent'> & {
  /** The number of the newest entry, 0 when there was none yet. */
  readonly head: () => number
  /** Each of these returns whether something was added. */
  readonly addMessage: (message: InboundMessage) => boolean
  /** Does not count as the message itself, which may still be added once it can be read. */
  readonly addUndecryptable: (message: InboundMessage) => boolean
  readonly addReceipt: (receipt: Receipt) => boolean
  readonly addIdentity: (person: Person) => boolean
  readonly addTimeLock: (lock: TimeLock) => boolean
  /** The person with their other address, if it is known. */
  readonly complete: (person: Person) => Person
  readonly pull: (after: number, limit: number) => JournalEntry[]
  /** Deletes the entries that the host has committed. */
  readonly confirm: (through: number) => void
  /** Deletes what nobody can ask for any more. */
  readonly prune: () => void
}

/** disappearing.ts adds the column `forget_at`. */
export const JOURNAL_SCHEMA = `
  CREATE TABLE journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
  CREATE TABLE seen (chat TEXT NOT NULL, sender TEXT NOT NULL, stanza_id TEXT NOT NULL, edits TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (chat, sender, stanza_id, edits)) WITHOUT ROWID;
  CREATE TABLE identities (lid TEXT PRIMARY KEY, phone TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX identities_by_phone ON identities (phone);
  ${SENT_SCHEMA}`

/** How long WhatsApp may deliver a stanza again (reliability.md §2.5). */
const SEEN_MS = 30 * DAY_MS

/** The journal in an account's file. Every addition is atomic; the caller flushes it (state/account-file.ts). */
export function openJournal(database: Database.Database, now: () => number): Journal {
  const { mark, isSeen } = seenTable(database)
  const isUnderLimit = createHourlyLimit(now)
  const insert = database.prepare('INSERT INTO journal (entry, forget_at) VALUES (?, ?)')
  const append = (content: Content): void => {
    const forgetAt = content.kind === 'message' ? forgetAtOf(content.message) : null
    overwriteFor(database, forgetAt)
    insert.run(JSON.stringify(content), forgetAt)
  }
  const identities = identityTable(database, append)
  const { pruneSent, ...sent } = openSentMessages(database, { now, complete: identities.complete })
  return {
    ...handOver(database),
    ...identities,
    ...sent,
    addMessage: database.transaction((message: InboundMessage) => {
      if (isSeen(message) || !mark(keyOf(message), message.receivedAt)) return false
      const waited = message.waited === true || isSeen(message, WAITED_UNREAD)
      append({ kind: 'message', message: waited ? { ...message, waited } : message })
      return true
    }),
    addUndecryptable: database.transaction((message: InboundMessage) => {
      const key = { ...keyOf(message), edits: UNDECRYPTABLE }
      if (isSeen(message) || !isUnderLimit(key.sender) || !mark(key, message.receivedAt)) return false
      if (message.waited) mark({ ...key, edits: WAITED_UNREAD }, message.receivedAt)
      append({ kind: 'message', message })
      return true
    }),
    addReceipt: database.transaction((receipt: Receipt) => {
      if (!sent.isSent(receipt.stanzaId)) return false
      const key = { chat: `receipt:${receipt.receipt}`, sender: '', stanzaId: receipt.stanzaId, edits: '' }
      if (!mark(key, now())) return false
      append({ kind: 'receipt', ...receipt })
      return true
    }),
    addTimeLock: lock => {
      append({ kind: 'time_lock', ...lock })
      return true
    },
    prune: () => {
      database.prepare('DELETE FROM seen WHERE at < ?').run(now() - SEEN_MS)
      pruneSent()
    },
  }
}

type SeenKey = { readonly chat: string; readonly sender: string; readonly stanzaId: string; readonly edits: string }

/** A stanza id contains no blank, so these are no ids. */
const UNDECRYPTABLE = 'cannot be read'
const WAITED_UNREAD = 'waited, cannot be read'

const keyOf = ({ chat, sender, stanzaId, edits }: InboundMessage): SeenKey => ({
  chat: chatKey(chat),
  sender: canonicalKey(sender),
  stanzaId,
  edits: edits ?? '',
})

/** The chats and senders that a message may be known by: as they are, and as they were while only phone numbers were known. */
function namesOf({
  chat,
  sender,
}: InboundMessage): [chat: string, olderChat: string, sender: string, olderSender: string] {
  const byPhone = ({ lid, phone }: Person): Person => (phone ? { lid: null, phone } : { lid, phone })
  const older = chat.kind === 'group' ? chat : { ...chat, peer: byPhone(chat.peer) }
  return [chatKey(chat), chatKey(older), canonicalKey(sender), canonicalKey(byPhone(sender))]
}

function seenTable(database: Database.Database) {
  const insert = database.prepare(
    'INSERT OR IGNORE INTO seen (chat, sender, stanza_id, edits, at) VALUES (?, ?, ?, ?, ?)',
  )
  const find = database.prepare(
    'SELECT 1 FROM seen WHERE chat IN (?, ?) AND sender IN (?, ?) AND stanza_id = ? AND edits = ? LIMIT 1',
  )
  return {
    mark: ({ chat, sender, stanzaId, edits }: SeenKey, at: number): boolean =>
      insert.run(chat, sender, stanzaId, edits, at).changes > 0,
    isSeen: (message: InboundMessage, edits = message.edits): boolean =>
      find.get(...namesOf(message), message.stanzaId, edits ?? '') !== undefined,
  }
}

/** More of them from one sender are counted, but not entered. */
const UNDECRYPTABLE_PER_HOUR = 500

/** A sender whose messages nobody can read must not fill the file (reliability.md §3.3, F35). */
function createHourlyLimit(now: () => number): (sender: string) => boolean {
  let [hour, counts] = [0, new Map<string, number>()]
  return sender => {
    const current = Math.floor(now() / HOUR_MS)
    if (current !== hour) [hour, counts] = [current, new Map()]
    const count = (counts.get(sender) ?? 0) + 1
    counts.set(sender, count)
    return count <= UNDECRYPTABLE_PER_HOUR
  }
}

function handOver(database: Database.Database): Pick<Journal, 'head' | 'pull' | 'confirm'> {
  type Row = { readonly seq: number; readonly entry: string }
  const newest = database.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").pluck()
  // SQLite compiles a query again each time a bare limit is bound.
  const after = database.prepare<[number, number], Row>(
    'SELECT seq, entry FROM journal WHERE seq > ? ORDER BY seq LIMIT ? + 0',
  )
  const forget = database.prepare('DELETE FROM journal WHERE seq <= ?')
  return {
    head: () => newest.get() ?? 0,
    pull: (seq, limit) =>
      after.all(seq, limit).map(row => ({ seq: row.seq, ...(JSON.parse(row.entry) as Content) }) as JournalEntry),
    confirm: through => {
      forget.run(through)
    },
  }
}

function identityTable(
  database: Database.Database,
  append: (content: Content) => void,
): Pick<Journal, 'addIdentity' | 'complete'> {
  const byLid = database.prepare<[string], Phone>('SELECT phone FROM identities WHERE lid = ?').pluck()
  const byPhone = database.prepare<[string], Lid>('SELECT lid FROM identities WHERE phone = ? LIMIT 1').pluck()
  const put = database.prepare('INSERT OR REPLACE INTO identities (lid, phone) VALUES (?, ?)')
  const release = database.prepare('DELETE FROM identities WHERE phone = ? AND lid <> ?')
  return {
    addIdentity: database.transaction((person: Person) => {
      const { lid, phone } = person
      if (!lid || !phone || byLid.get(lid) === phone) return false
      // A number has one owner: it no longer identifies the previous one.
      release.run(phone, lid)
      put.run(lid, phone)
      append({ kind: 'identity', person: { lid, phone } })
      return true
    }),
    complete: ({ lid, phone }) => ({
      lid: lid ?? (phone && byPhone.get(phone)) ?? null,
      phone: phone ?? (lid && byLid.get(lid)) ?? null,
    }),
  }
}
