import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** A turn may wait for what waits at WhatsApp. */
export const backlogHolds: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('turns').addColumn('backlog_until', 'bigint').execute()
    await schema
      .createIndex('turns_held')
      .on('turns')
      .column('backlog_until')
      .where('backlog_until', 'is not', null)
      .execute()
  },
}
