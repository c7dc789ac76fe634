import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** What waits for the file of a message that it quotes is found when the file is there. */
export const quotes: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('messages').addColumn('quotes', 'varchar(64)').execute()
    await schema
      .createIndex('messages_by_quote')
      .on('messages')
      .column('quotes')
      .where('quotes', 'is not', null)
      .execute()
  },
}
