import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

/** Until when WhatsApp does not let a number start new chats. */
export const timeLocks: Migration = {
  async up(database: Kysely<Schema>) {
    await database.schema
      .createTable('time_locks')
      .addColumn('org', ID, column => column.notNull())
      .addColumn('account', ID, column => column.notNull())
      .addColumn('phone', 'varchar(16)', column => column.notNull())
      .addColumn('locked_until', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('time_locks_key', ['org', 'account', 'phone'])
      .execute()
  },
}
