import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

/** The chats that a person has taken over from an agent. */
export const takeovers: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .createTable('takeovers')
      .addColumn('org', ID, column => column.notNull())
      .addColumn('account', ID, column => column.notNull())
      .addColumn('chat_key', ID, column => column.notNull())
      .addColumn('since', 'bigint', column => column.notNull())
      .addColumn('until', 'bigint')
      .addColumn('taken_by', 'varchar(16)', column => column.notNull())
      .addColumn('resumed_at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('takeovers_key', ['chat_key', 'org', 'account'])
      .execute()
  },
}
