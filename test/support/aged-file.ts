import Database from 'better-sqlite3'

const DAY_MS = 86_400_000

/** The account's file as it is so many days later: all that it remembers is older by that. */
export function letAge(file: string, days: number): void {
  const database = new Database(file)
  for (const table of ['stanzas', 'seen', 'plaintexts', 'sent', 'retries']) {
    database.prepare(`UPDATE ${table} SET at = at - ?`).run(days * DAY_MS)
  }
  database.close()
}
