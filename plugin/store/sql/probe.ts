import { sql } from 'kysely'

import type { Connection } from './connection.ts'

/**
 * Tests a write: changes a value and restores it, so that the disk is written to and the data stays the same. Needs a transaction.
 */
export async function tryToWrite(transaction: Connection): Promise<void> {
  for (const change of [1, -1])
    await transaction
      .updateTable('retention')
      .set({ days: sql`days + ${change}` })
      .execute()
}
