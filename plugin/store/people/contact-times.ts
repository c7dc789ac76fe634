import { sql } from 'kysely'

import type { Connection } from '../sql/connection.ts'
import type { PersonId } from '../sql/schema.ts'

/** When somebody first and last wrote, and last wrote in a chat of their own; null: never. ms UTC */
export type ContactTimes = {
  readonly first: number | null
  readonly last: number | null
  readonly wrote: number | null
}

/** Adds to what is known of a person what is known by messages that are not kept any more. Needs a transaction. */
export async function addContactTimes(transaction: Connection, id: PersonId, times: ContactTimes): Promise<void> {
  const { first, last, wrote } = times
  await transaction
    .updateTable('people')
    .set({
      first_contact_at: sql`min(coalesce(first_contact_at, ${first}), ${first})`,
      last_contact_at: sql`max(coalesce(last_contact_at, ${last}), ${last})`,
      wrote_at: wrote === null ? sql`wrote_at` : sql`max(coalesce(wrote_at, ${wrote}), ${wrote})`,
    })
    .where('id', '=', id)
    .execute()
}
