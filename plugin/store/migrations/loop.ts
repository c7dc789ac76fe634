import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

/** What tells a loop from people: how many turns of a chat followed hard on our replies, and since when that counts. */
export const loops: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .alterTable('turns')
      .addColumn('run', 'integer', column => column.notNull().defaultTo(0))
      .execute()
    // Of what counted replies in a chat before; now what has no place waits.
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
