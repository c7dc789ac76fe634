import { DAY_MS } from '../../base/durations.ts'
import type { AccountDatabase } from './journal.ts'

/** The outcome of a stanza. The tally also counts `repeated`: the stanza was settled before it came again. */
export type StanzaOutcome = 'message' | 'duplicate' | 'undecryptable' | 'ignored' | 'malformed'

/** At all times, `received` is the sum of the outcomes (`repeated` included) and `pending`. */
export type Tally = {
  readonly received: number
  readonly pending: number
  readonly outcomes: Readonly<Record<string, number>>
}

/** The stanzas that came, and the plaintexts that their ratchet steps gave. Every call runs inside the caller's transaction. */
export type StanzaLog = {
  /**
   * Stores a stanza until it is settled. Returns false if it was settled for good before: a stanza that nobody could read may be
   * read now.
   */
  readonly keep: (key: Uint8Array, stanza: Uint8Array) => boolean
  readonly settle: (key: Uint8Array, outcome: StanzaOutcome) => void
  /** The stanzas that are not settled, oldest first. */
  readonly pending: () => Uint8Array[]
  /** The plaintext of a ciphertext whose step was taken: null when it was forgotten since, undefined when no step was taken. */
  readonly plaintext: (hash: Uint8Array) => Uint8Array | null | undefined
  readonly keepPlaintext: (hash: Uint8Array, plaintext: Uint8Array) => void
  /** From now on the plaintext is kept only until the host has confirmed the entry of this number. */
  readonly releasePlaintext: (hash: Uint8Array, through: number) => void
  /** Deletes plaintexts, but not the fact that their steps were taken. */
  readonly forgetPlaintexts: (through: number) => void
  /** The position of the newest stanza, whatever its outcome; 0 when there is none. */
  readonly newest: () => number
  /** Whether a stanza up to and including this position is not settled. */
  readonly isOpenTo: (position: number) => boolean
  readonly prune: () => void
  readonly tally: () => Tally
}

export const STANZA_SCHEMA = `
  CREATE TABLE stanzas (position INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, stanza BLOB, outcome TEXT,
    at INTEGER NOT NULL);
  CREATE INDEX stanzas_pending ON stanzas (position) WHERE outcome IS NULL;
  CREATE TABLE plaintexts (hash BLOB PRIMARY KEY, plaintext BLOB, through INTEGER, at INTEGER NOT NULL)
    WITHOUT ROWID;
  CREATE INDEX plaintexts_kept ON plaintexts (through) WHERE plaintext IS NOT NULL;
  CREATE TABLE tally (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE retries (name TEXT PRIMARY KEY, count INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;`

/** Longer than WhatsApp keeps a stanza for another delivery (reliability.md §1.1: 14 days). */
const KEPT_MS = 30 * DAY_MS

export function openStanzaLog(database: AccountDatabase, now: () => number): StanzaLog {
  const insert = database.prepare('INSERT OR IGNORE INTO stanzas (key, stanza, at) VALUES (?, ?, ?)')
  const outcomeOf = database.prepare<[Uint8Array], string | null>('SELECT outcome FROM stanzas WHERE key = ?').pluck()
  const reopen = database.prepare(
    "UPDATE stanzas SET outcome = NULL, stanza = ? WHERE key = ? AND outcome = 'undecryptable'",
  )
  const settle = database.prepare('UPDATE stanzas SET outcome = ?, stanza = NULL WHERE key = ? AND outcome IS NULL')
  const pending = database
    .prepare<[], Uint8Array>('SELECT stanza FROM stanzas WHERE outcome IS NULL ORDER BY position')
    .pluck()
  const find = database
    .prepare<[Uint8Array], Uint8Array | null>('SELECT plaintext FROM plaintexts WHERE hash = ?')
    .pluck()
  const put = database.prepare('INSERT OR IGNORE INTO plaintexts (hash, plaintext, at) VALUES (?, ?, ?)')
  const release = database.prepare('UPDATE plaintexts SET through = ? WHERE hash = ?')
  const forget = database.prepare('UPDATE plaintexts SET plaintext = NULL WHERE plaintext IS NOT NULL AND through <= ?')
  const add = database.prepare(
    'INSERT INTO tally (name, count) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1',
  )
  return {
    ...lookingInto(database),
    keep: (key, stanza) => {
      const isNew = insert.run(key, stanza, now()).changes > 0
      const isAgain = !isNew && reopen.run(stanza, key).changes > 0
      const isSettled = !isNew && !isAgain && outcomeOf.get(key) !== null
      if (isNew || isAgain || isSettled) add.run('received')
      if (isSettled) add.run('repeated')
      return !isSettled
    },
    settle: (key, outcome) => {
      if (settle.run(outcome, key).changes > 0) add.run(outcome)
    },
    pending: () => pending.all(),
    plaintext: hash => find.get(hash),
    keepPlaintext: (hash, plaintext) => void put.run(hash, plaintext, now()),
    releasePlaintext: (hash, through) => void release.run(through, hash),
    forgetPlaintexts: through => void forget.run(through),
    prune: () => {
      for (const table of ['plaintexts', 'retries']) {
        database.prepare(`DELETE FROM ${table} WHERE at < ?`).run(now() - KEPT_MS)
      }
      database.prepare('DELETE FROM stanzas WHERE outcome IS NOT NULL AND at < ?').run(now() - KEPT_MS)
    },
  }
}

function lookingInto(database: AccountDatabase): Pick<StanzaLog, 'newest' | 'isOpenTo' | 'tally'> {
  const newest = database.prepare<[], number>('SELECT coalesce(max(position), 0) FROM stanzas').pluck()
  const left = database
    .prepare<[number], number>('SELECT 1 FROM stanzas WHERE outcome IS NULL AND position <= ? LIMIT 1')
    .pluck()
  return {
    newest: () => newest.get() ?? 0,
    isOpenTo: position => left.get(position) !== undefined,
    tally: () => tallyOf(database),
  }
}

function tallyOf(database: AccountDatabase): Tally {
  const rows = database.prepare<[], { name: string; count: number }>('SELECT name, count FROM tally').all()
  const { received = 0, ...outcomes } = Object.fromEntries(rows.map(({ name, count }) => [name, count]))
  const pending = database.prepare<[], number>('SELECT count(*) FROM stanzas WHERE outcome IS NULL').pluck().get() ?? 0
  return { received, pending, outcomes }
}
