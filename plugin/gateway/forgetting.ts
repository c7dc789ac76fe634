import type { JournalEntry } from '../contract/gateway-protocol.ts'
import type { InboundMessage } from '../contract/message.ts'
import type { AccountDatabase } from './journal.ts'

/** What has disappeared from its chats is forgotten in an account's file. */
export type Forgetting = {
  /** Forgets what has disappeared by then, all or nothing of it. When the next of what is left does; null: nothing. */
  readonly forget: (at: number) => number | null
  /** Puts what was overwritten in the place of what it was, in every file of the account. */
  readonly purge: () => void
}

/** What holds what somebody said, or what opens it; each row says in `forget_at` when that disappears. */
const TABLES = ['journal', 'sent', 'polls', 'files', 'secrets', 'unopened'] as const

export const FORGET_SCHEMA = TABLES.map(
  table => `
  ALTER TABLE ${table} ADD COLUMN forget_at INTEGER;
  CREATE INDEX ${table}_by_forget ON ${table} (forget_at) WHERE forget_at IS NOT NULL;`,
).join('')

/** Without a row nothing would be left to open, and nobody asks for the row. */
const DROPPED = ['polls', 'files', 'secrets', 'unopened'] as const satisfies readonly (typeof TABLES)[number][]

export function openForgetting(database: AccountDatabase): Forgetting {
  const drops = DROPPED.map(table => database.prepare(`DELETE FROM ${table} WHERE forget_at <= ?`))
  // Its receipts still come.
  const empty = database.prepare("UPDATE sent SET bytes = x'', forget_at = NULL WHERE forget_at <= ?")
  const handedOver = database.prepare(
    `UPDATE plaintexts SET plaintext = NULL
     WHERE plaintext IS NOT NULL AND through < (SELECT coalesce(min(seq), 9223372036854775807) FROM journal)`,
  )
  const nexts = TABLES.map(table =>
    database.prepare<[number], number | null>(`SELECT min(forget_at) FROM ${table} WHERE forget_at > ?`).pluck(),
  )
  const forgetEntries = journalEntries(database)
  return {
    forget: database.transaction((at: number) => {
      forgetEntries(at)
      for (const drop of [...drops, empty]) drop.run(at)
      handedOver.run()
      const dues = nexts.flatMap(next => next.get(at) ?? [])
      return dues.length === 0 ? null : Math.min(...dues)
    }),
    purge: () => void database.pragma('wal_checkpoint(TRUNCATE)'),
  }
}

/** Of what the host has not taken over it still learns that there was something. */
function journalEntries(database: AccountDatabase): (at: number) => void {
  type Row = { readonly seq: number; readonly entry: string }
  const due = database.prepare<[number], Row>('SELECT seq, entry FROM journal WHERE forget_at <= ?')
  const change = database.prepare('UPDATE journal SET entry = ?, forget_at = NULL WHERE seq = ?')
  const plaintext = database.prepare(
    'UPDATE plaintexts SET plaintext = NULL WHERE plaintext IS NOT NULL AND through = ?',
  )
  return at => {
    for (const { seq, entry } of due.all(at)) {
      change.run(JSON.stringify(forgotten(JSON.parse(entry) as JournalEntry)), seq)
      plaintext.run(seq)
    }
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
