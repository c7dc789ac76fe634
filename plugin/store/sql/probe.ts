import { sql } from 'kysely'

import type { Connection } from './connection.ts'

/** Writes something, and writes it back: what is stored stays as it is, and the disk is written to. Needs a transaction. */
export async function tryToWrite(transaction: Connection): Promise<void> {
  for (const change of [1, -1])
    await transaction
      .updateTable('retention')
      .set({ days: sql`days + ${change}` })
      .execute()
}
