import { sql } from 'kysely'

import type { Connection } from '../sql/connection.ts'
import type { PersonId } from '../sql/schema.ts'

/** When a person first and last wrote, and last wrote in their direct chat; null: never. ms UTC */
export type ContactTimes = {
  readonly first: number | null
  readonly last: number | null
  readonly wrote: number | null
}

/** Adds times from messages that are about to be deleted to a person's contact times. Needs a transaction. */
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
