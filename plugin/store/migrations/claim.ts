import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** What messages say of whom they mention and where they come from. */
export const claims: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .alterTable('messages')
      .addColumn('mentions_all', 'integer', column => column.notNull().defaultTo(0))
      .execute()
    await schema.alterTable('messages').addColumn('forwarded', 'integer').execute()
  },
}
