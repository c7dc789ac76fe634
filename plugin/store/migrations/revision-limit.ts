import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** From which change on it is known what an org's bindings were: of what they were before only so much is kept. */
export const revisionLimit: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .alterTable('binding_changes')
      .addColumn('kept_from', 'bigint', column => column.notNull().defaultTo(0))
      .execute()
  },
}
