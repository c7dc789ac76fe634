import { sql, type Kysely, type Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** The default retention of a new database, in days. */
const NEW_DAYS = 180
const FOR_EVER = 0

/** Messages are deleted after a time. Their senders, and when each first and last wrote, are kept. */
export const retention: Migration = {
  async up(database: Kysely<Schema>) {
    const { schema } = database
    for (const name of ['first_contact_at', 'last_contact_at', 'wrote_at'])
      await schema.alterTable('people').addColumn(name, 'bigint').execute()
    await schema
      .createTable('retention')
      .addColumn('days', 'integer', column => column.notNull())
      .execute()
    await sql`
      insert into retention (days)
      select case when exists (select 1 from messages) then ${FOR_EVER} else ${NEW_DAYS} end`.execute(database)
  },
}
