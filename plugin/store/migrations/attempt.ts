import { type Kysely, type Migration, sql } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

/** A turn can have several attempts; stores the steps of each. */
export const attempts: Migration = {
  async up(database: Kysely<Schema>) {
    const { schema } = database
    for (const name of ['attempt', 'failures', 'crashes'])
      await schema
        .alterTable('turns')
        .addColumn(name, 'integer', column => column.notNull().defaultTo(0))
        .execute()
    await schema.alterTable('turns').addColumn('next_at', 'bigint').execute()
    await schema.alterTable('turns').addColumn('parked_step', 'integer').execute()
    await schema.createIndex('turns_by_due').on('turns').columns(['status', 'next_at']).execute()
    await schema
      .createTable('steps')
      .addColumn('turn_id', ID, column => column.notNull().references('turns.id'))
      .addColumn('n', 'integer', column => column.notNull())
      .addColumn('attempt', 'integer', column => column.notNull())
      .addColumn('tool', 'text', column => column.notNull())
      .addColumn('effect', 'varchar(16)', column => column.notNull())
      .addColumn('arguments_hash', ID, column => column.notNull())
      .addColumn('status', 'varchar(24)', column => column.notNull())
      .addColumn('result', 'text')
      .addPrimaryKeyConstraint('steps_key', ['turn_id', 'n'])
      .execute()
    await schema.createIndex('messages_by_age').on('messages').columns(['org', 'id']).execute()
    await schema
      .createIndex('sends_by_chat')
      .on('sends')
      .columns(['org', 'account', 'chat_key', 'accepted_at'])
      .execute()
    // Turns that failed before this version now wait for a person.
    await sql`update turns set status = 'dead_letter' where status = 'failed'`.execute(database)
    await sql`update messages set outcome = 'dead_letter' where outcome = 'failed'`.execute(database)
  },
}
