import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Each change of an org's bindings is counted, so that who has read them sees whether they still stand. */
export const bindingChanges: Migration = {
  async up(database: Kysely<Schema>) {
    await database.schema
      .createTable('binding_changes')
      .addColumn('org', 'varchar(64)', column => column.primaryKey())
      .addColumn('last', 'bigint', column => column.notNull())
      .execute()
  },
}
