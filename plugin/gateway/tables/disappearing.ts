import type { JournalEntry } from '../../contract/gateway-protocol.ts'
import type { InboundMessage } from '../../contract/message.ts'
import { RewritePace } from '../../files/vacuum-pace.ts'
import type { AccountDatabase } from './journal.ts'
import { overwriteFor } from './overwriting.ts'

/**
 * Everything that disappears up to `at` is forgotten. `words`: whether some of it was in the file and has been deleted there
 * already.
 */
export type Disappeared = { readonly at: number; readonly words: boolean }

/** Forgets, in an account's file, what has disappeared from its chats. */
export type Forgetting = {
  /**
   * Forgets everything that disappears by then, all or nothing. Returns when the next of the rest disappears; null: nothing is
   * left.
   */
  readonly forget: (disappeared: Disappeared) => number | null
  /**
   * Overwrites what was forgotten, in every file of the account. Returns in how many ms to call it again; null: nothing is left to
   * do.
   */
  readonly purge: () => number | null
}

/** The tables with what people said, or with what decrypts it. In each row, `forget_at` is the time when that disappears. */
const TABLES = ['journal', 'sent', 'polls', 'files', 'secrets', 'unopened'] as const

export const FORGET_SCHEMA = TABLES.map(
  table => `
  ALTER TABLE ${table} ADD COLUMN forget_at INTEGER;
  CREATE INDEX ${table}_by_forget ON ${table} (forget_at) WHERE forget_at IS NOT NULL;`,
).join('')

/** In how many ms to try again to rewrite a file for which there is no room. */
const AGAIN_MS = 60_000

/** The tables whose rows are deleted whole: without its content such a row is of no use, and nobody asks for it. */
const DROPPED = ['polls', 'files', 'secrets', 'unopened'] as const satisfies readonly (typeof TABLES)[number][]

export function openForgetting(database: AccountDatabase): Forgetting {
  const drops = DROPPED.map(table => database.prepare(`DELETE FROM ${table} WHERE forget_at <= ?`))
  // The row stays, because the message's receipts still come.
  const empty = database.prepare("UPDATE sent SET bytes = x'', forget_at = NULL WHERE forget_at <= ?")
  const handedOver = database.prepare(
    `UPDATE plaintexts SET plaintext = NULL
     WHERE plaintext IS NOT NULL AND through < (SELECT coalesce(min(seq), 9223372036854775807) FROM journal)`,
  )
  const nexts = TABLES.map(table =>
    database.prepare<[number], number | null>(`SELECT min(forget_at) FROM ${table} WHERE forget_at > ?`).pluck(),
  )
  const forgetEntries = journalEntries(database)
  for (const next of nexts) overwriteFor(database, next.get(Number.MIN_SAFE_INTEGER) ?? null)
  const pace = new RewritePace()
  return {
    forget: database.transaction(({ at, words }: Disappeared) => {
      const entries = forgetEntries(at)
      const rows = [...drops, empty].map(drop => drop.run(at).changes)
      const changes = [entries, handedOver.run().changes, ...rows]
      if (words || changes.some(count => count > 0)) database.pragma('application_id = 1')
      const dues = nexts.flatMap(next => next.get(at) ?? [])
      return dues.length === 0 ? null : Math.min(...dues)
    }),
    purge: () => {
      const waitMs = rewrite(database, pace)
      database.pragma('wal_checkpoint(TRUNCATE)')
      return waitMs
    },
  }
}

/**
 * Rewrites the file if something was forgotten in it. Returns in how many ms that may be done; null: there is nothing more to do.
 */
function rewrite(database: AccountDatabase, pace: RewritePace): number | null {
  const numberOf = (name: string): number => Number(database.pragma(name, { simple: true }))
  if (numberOf('application_id') !== 1) return null
  const waitMs = pace.wait(numberOf('page_count') * numberOf('page_size'))
  if (waitMs !== 0) return waitMs
  const begun = performance.now()
  try {
    database.exec('VACUUM')
  } catch {
    // There is no room for it now, which is no fault of the file's.
    return AGAIN_MS
  }
  database.pragma('application_id = 0')
  pace.took(performance.now() - begun)
  return null
}

/** Empties the entries that the host has not taken over yet: the host still learns that there was a message. */
function journalEntries(database: AccountDatabase): (at: number) => number {
  type Row = { readonly seq: number; readonly entry: string }
  const due = database.prepare<[number], Row>('SELECT seq, entry FROM journal WHERE forget_at <= ?')
  const change = database.prepare('UPDATE journal SET entry = ?, forget_at = NULL WHERE seq = ?')
  const plaintext = database.prepare(
    'UPDATE plaintexts SET plaintext = NULL WHERE plaintext IS NOT NULL AND through = ?',
  )
  return at => {
    const entries = due.all(at)
    for (const { seq, entry } of entries) {
      change.run(JSON.stringify(forgotten(JSON.parse(entry) as JournalEntry)), seq)
      plaintext.run(seq)
    }
    return entries.length
  }
}

const forgotten = (entry: JournalEntry): JournalEntry =>
  entry.kind === 'message' ? { ...entry, message: withoutWords(entry.message) } : entry

const withoutWords = (message: InboundMessage): InboundMessage => ({
  ...message,
  content: { kind: 'forgotten' },
  file: null,
  quoted: null,
})
