import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

/** Data that distinguishes loops from people: how many turns of a chat came right after our replies, and since when that counts. */
export const loops: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .alterTable('turns')
      .addColumn('run', 'integer', column => column.notNull().defaultTo(0))
      .execute()
    // This index served to count the replies of a chat. A reply above the cap now waits in the queue instead.
    await schema.dropIndex('sends_by_chat').execute()
    await schema.createIndex('turns_by_chat').on('turns').columns(['org', 'account', 'chat_key', 'id']).execute()
    await schema
      .createTable('loops')
      .addColumn('org', ID, column => column.notNull())
      .addColumn('account', ID, column => column.notNull())
      .addColumn('chat_key', ID, column => column.notNull())
      .addColumn('sign', 'varchar(16)')
      .addColumn('since', 'bigint')
      .addColumn('pardoned_seq', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('loops_key', ['chat_key', 'org', 'account'])
      .execute()
    await schema
      .createIndex('loops_suspected')
      .on('loops')
      .columns(['org', 'since', 'sign'])
      .where('sign', 'is not', null)
      .execute()
  },
}
