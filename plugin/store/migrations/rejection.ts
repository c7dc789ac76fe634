import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Why we rejected a send ourselves. */
export const rejections: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('sends').addColumn('rejected_reason', 'varchar(32)').execute()
    await schema.alterTable('send_changes').addColumn('rejected_reason', 'varchar(32)').execute()
  },
}
