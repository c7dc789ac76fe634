import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

/** WhatsApp's answers about numbers, when each was asked for, and which sends wait for an answer. */
export const contacts: Migration = {
  async up(database: Kysely<Schema>) {
    const { schema } = database
    await schema
      .createTable('contacts')
      .addColumn('org', ID, column => column.notNull())
      .addColumn('account', ID, column => column.notNull())
      .addColumn('number', 'varchar(16)', column => column.notNull())
      .addColumn('address', 'varchar(16)')
      .addColumn('answered_at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('contacts_key', ['org', 'account', 'number'])
      .execute()
    await schema
      .createTable('lookups')
      .addColumn('org', ID, column => column.notNull())
      .addColumn('account', ID, column => column.notNull())
      .addColumn('number', 'varchar(16)', column => column.notNull())
      .addColumn('asked_at', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('lookups_by_time').on('lookups').columns(['org', 'account', 'asked_at']).execute()
    await schema
      .alterTable('sends')
      .addColumn('ask_first', 'integer', column => column.notNull().defaultTo(0))
      .execute()
    // Sends to strangers that an earlier version accepted need the lookup too.
    await database
      .updateTable('sends')
      .set({ ask_first: 1 })
      .where('class', '=', 'cold')
      .where('status', '=', 'accepted')
      .where('transmitted_at', 'is', null)
      .execute()
  },
}
