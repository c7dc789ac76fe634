import { sql } from 'kysely'

import type { Connection } from './connection.ts'

/** Does all of something within a transaction, or, when it throws, nothing of it. Not within itself. */
export async function allOrNothing(transaction: Connection, work: () => Promise<void>): Promise<void> {
  await sql`savepoint part`.execute(transaction)
  try {
    await work()
  } catch (error) {
    // Of some errors, as of a full disk, SQLite gives up the whole transaction by itself: nothing is left to take back.
    await takeBack(transaction).catch(() => undefined)
    throw error
  }
  await sql`release part`.execute(transaction)
}

async function takeBack(transaction: Connection): Promise<void> {
  await sql`rollback to part`.execute(transaction)
  await sql`release part`.execute(transaction)
}
