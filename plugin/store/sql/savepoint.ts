import { sql } from 'kysely'

import type { Connection } from './connection.ts'

/** Runs `work` within a transaction and undoes all of it if it throws. Calls cannot be nested. */
export async function allOrNothing(transaction: Connection, work: () => Promise<void>): Promise<void> {
  await sql`savepoint part`.execute(transaction)
  try {
    await work()
  } catch (error) {
    // SQLite rolls back the whole transaction by itself on some errors, such as a full disk: then nothing is left to undo.
    await takeBack(transaction).catch(() => undefined)
    throw error
  }
  await sql`release part`.execute(transaction)
}

async function takeBack(transaction: Connection): Promise<void> {
  await sql`rollback to part`.execute(transaction)
  await sql`release part`.execute(transaction)
}
