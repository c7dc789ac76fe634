import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** In what something that was sent differs from what was asked for. */
export const remarks: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('sends').addColumn('remark', 'varchar(32)').execute()
  },
}
