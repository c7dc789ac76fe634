import { sql, type Kysely, type Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Where nobody says for how long messages are kept: so long in a database that has none yet. */
const NEW_DAYS = 180
const FOR_EVER = 0

/** Messages are forgotten after a time; who wrote them, and when first and last, is not. */
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
