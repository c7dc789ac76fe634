import { sql } from 'kysely'

import type { RewritePace } from '../../files/vacuum-pace.ts'
import type { Connection } from './connection.ts'

/** How many ms to wait if another process reads the file or the disk has no room. */
const AGAIN_MS = 60_000

/**
 * Overwrites deleted and replaced data in the file once a message has a time to disappear. Until then this is off: it takes 6 to 8
 * % of the time that an answered message takes.
 */
export async function overwriteFor(connection: Connection, forgetAt: number | null): Promise<void> {
  if (forgetAt !== null) await sql`pragma secure_delete = on`.execute(connection)
}

/** Records that a copy of deleted data may remain in the file. Needs the transaction that deletes the data. */
export async function noteRemains(transaction: Connection): Promise<void> {
  await sql`pragma application_id = 1`.execute(transaction)
}

/**
 * Overwrites forgotten data, also in the write-ahead log. Returns in how many ms to call again because some may remain; null if
 * none does. Never call it within a transaction.
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
