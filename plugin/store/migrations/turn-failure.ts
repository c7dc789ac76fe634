import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Since when an attempt runs and how the last one failed is kept; turns that were given up are found without looking at others. */
export const turnFailures: Migration = {
  async up(database: Kysely<Schema>) {
    const { schema } = database
    for (const name of ['began_at', 'deadline_at']) await schema.alterTable('turns').addColumn(name, 'bigint').execute()
    await schema.alterTable('turns').addColumn('failure', 'text').execute()
    await schema
      .createIndex('turns_given_up')
      .on('turns')
      .columns(['org', 'account', 'ended_at'])
      .where('status' as never, '=', 'dead_letter')
      .execute()
  },
}
