import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Counts the changes of an org's bindings, so that readers can tell whether their copy is current. */
export const bindingChanges: Migration = {
  async up(database: Kysely<Schema>) {
    await database.schema
      .createTable('binding_changes')
      .addColumn('org', 'varchar(64)', column => column.primaryKey())
      .addColumn('last', 'bigint', column => column.notNull())
      .execute()
  },
}
