import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Bindings whose pattern takes too long too often are suspended. */
export const suspensions: Migration = {
  async up({ schema }: Kysely<Schema>) {
    for (const table of ['bindings', 'binding_revisions'])
      await schema.alterTable(table).addColumn('suspended_at', 'bigint').execute()
  },
}
