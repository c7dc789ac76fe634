import { sql } from 'kysely'

import type { RewritePace } from '../../files/vacuum-pace.ts'
import type { Connection } from './connection.ts'

/** In how many ms it is tried again when somebody else reads the file, or there is no room for it. */
const AGAIN_MS = 60_000

/**
 * Once a message disappears at some time, what is deleted or replaced is overwritten, and not only free to be. Before, nothing is:
 * it takes 6 to 8 % of the time that an answered message takes.
 */
export async function overwriteFor(connection: Connection, forgetAt: number | null): Promise<void> {
  if (forgetAt !== null) await sql`pragma secure_delete = on`.execute(connection)
}

/** Something was deleted of which a copy may be left in the file. Needs the transaction that deletes it. */
export async function noteRemains(transaction: Connection): Promise<void> {
  await sql`pragma application_id = 1`.execute(transaction)
}

/**
 * Writes over what was forgotten, also in the log that is beside the file. In how many ms it is to be done again, for something may be
 * left; null: nothing is. Never within a transaction.
 */
export async function purge(connection: Connection, pace: RewritePace): Promise<number | null> {
  const wait = await rewrite(connection, pace)
  const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(connection)
  return rows[0]?.busy === 0 ? wait : AGAIN_MS
}

async function rewrite(connection: Connection, pace: RewritePace): Promise<number | null> {
  if ((await numberOf(connection, 'application_id')) !== 1) return null
  const wait = pace.wait((await numberOf(connection, 'page_count')) * (await numberOf(connection, 'page_size')))
  if (wait !== 0) return wait
  const begun = performance.now()
  try {
    await sql`vacuum`.execute(connection)
  } catch {
    return AGAIN_MS
  }
  await sql`pragma application_id = 0`.execute(connection)
  pace.took(performance.now() - begun)
  return null
}

async function numberOf(connection: Connection, name: 'application_id' | 'page_count' | 'page_size'): Promise<number> {
  const { rows } = await sql<Record<string, number>>`pragma ${sql.raw(name)}`.execute(connection)
  return rows[0]?.[name] ?? 0
}
