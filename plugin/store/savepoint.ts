import { sql } from 'kysely'

import type { Connection } from './connection.ts'

/** Does all of something within a transaction, or, when it throws, nothing of it. Not within itself. */
export async function allOrNothing(transaction: Connection, work: () => Promise<void>): Promise<void> {
  await sql`savepoint part`.execute(transaction)
  try {
    await work()
  } catch (error) {
    await sql`rollback to part`.execute(transaction)
    throw error
  } finally {
    await sql`release part`.execute(transaction)
  }
}
