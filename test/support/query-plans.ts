import Sqlite from 'better-sqlite3'
import { vi } from 'vitest'

/** What the store compiles from here on. */
export function compiled(): Disposable & { statements(): string[] } {
  const prepare = vi.spyOn(Sqlite.prototype, 'prepare')
  return {
    statements: () => prepare.mock.calls.map(([sql]) => sql),
    [Symbol.dispose]: () => prepare.mockRestore(),
  }
}

/** A line of a plan that reads a whole table, all of an org, an account or a chat, or all that waits there, or sorts what it has read. */
export type Costly = { readonly line: string; readonly sql: string }

const COSTLY = [
  /^SCAN /,
  /^USE TEMP B-TREE/,
  /^SEARCH attachments USING INDEX sqlite_autoindex_attachments_1 \(message_id>\?\)$/,
  /^SEARCH turns USING (COVERING )?INDEX turns_(by_|given_up)\w* \(((status|org|account|chat_key|ended_at)=\?( AND )?)+\)$/,
  /^SEARCH turns USING INDEX turns_(held|gathering) \(\w+>\?\)$/,
  /^SEARCH (approvals|messages|turns|busy|sends|send_changes|people|idempotency_keys) .*\((((chat_key|sender_id|org|account)=|seq<)\?( AND )?)+\)$/,
]

/** The costly lines of the plans that SQLite makes for the statements in a database file, `without` one of its indexes. */
export function costly(file: string, statements: readonly string[], without?: string): Costly[] {
  const sqlite = new Sqlite(file)
  try {
    sqlite.exec('begin')
    if (without !== undefined) sqlite.exec(`drop index ${without}`)
    return statements
      .filter(sql => /^\s*(with|select|insert|update|delete)\b/i.test(sql))
      .flatMap(sql => {
        const lines = sqlite.prepare<null[], { detail: string }>(`explain query plan ${sql}`)
        const unbound = Array<null>(sql.split('?').length - 1).fill(null)
        return lines.all(...unbound).map(({ detail }) => ({ line: detail, sql }))
      })
      .filter(({ line }) => COSTLY.some(costs => costs.test(line)))
  } finally {
    sqlite.close()
  }
}
