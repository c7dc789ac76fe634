import { sql, type Kysely, type Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

/** The bindings at the time a message was judged, and what was known of its people then. */
export const judgements: Migration = {
  async up(database: Kysely<Schema>) {
    const { schema } = database
    await schema.alterTable('messages').addColumn('judged', 'text').execute()
    await schema
      .createTable('binding_revisions')
      .addColumn('org', ID, column => column.notNull())
      .addColumn('id', ID, column => column.notNull())
      .addColumn('from_change', 'bigint', column => column.notNull())
      .addColumn('to_change', 'bigint')
      .addColumn('agent', 'text', column => column.notNull())
      .addColumn('rule', 'text', column => column.notNull())
      .addColumn('position', 'integer', column => column.notNull())
      .addColumn('enabled', 'integer', column => column.notNull())
      .addColumn('version', 'integer', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('binding_revisions_key', ['org', 'id', 'from_change'])
      .execute()
    // The current bindings are the first revision; messages judged before have no trace.
    await sql`
      INSERT INTO binding_revisions (org, id, from_change, agent, rule, position, enabled, version, created_at)
      SELECT bindings.org, id, coalesce(last, 0), agent, rule, position, enabled, version, created_at
      FROM bindings LEFT JOIN binding_changes ON binding_changes.org = bindings.org
    `.execute(database)
  },
}
