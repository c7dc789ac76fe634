import type { Kysely, Migration } from 'kysely'

import { DAY_MS } from '../../base/durations.ts'
import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

async function widenSends(database: Kysely<Schema>): Promise<void> {
  const { schema } = database
  const add = schema.alterTable('sends')
  await add.addColumn('class', 'varchar(16)', column => column.notNull().defaultTo('proactive')).execute()
  await add.addColumn('not_before', 'bigint', column => column.notNull().defaultTo(0)).execute()
  await add.addColumn('gap_ms', 'bigint', column => column.notNull().defaultTo(0)).execute()
  await add.addColumn('expires_at', 'bigint', column => column.notNull().defaultTo(0)).execute()
  await add.addColumn('transmitted_at', 'bigint').execute()
  await add.addColumn('settled_at', 'bigint').execute()
  await add.addColumn('text_hash', ID).execute()
  await add.addColumn('held', 'varchar(16)').execute()
  await database
    .updateTable('sends')
    .set(row => ({ expires_at: row('accepted_at', '+', DAY_MS) }))
    .execute()
  // Rendered sends were possibly transmitted: they count as transmitted and cannot be cancelled.
  await database
    .updateTable('sends')
    .set(row => ({ transmitted_at: row.ref('accepted_at') }))
    .where('bytes', 'is not', null)
    .execute()
  const index = (name: string) => schema.createIndex(name).on('sends')
  await schema.dropIndex('sends_by_status').execute()
  await index('sends_by_wait').columns(['org', 'account', 'status', 'held', 'chat_key', 'class', 'seq']).execute()
  await index('sends_by_transmission').columns(['org', 'account', 'transmitted_at']).execute()
  await index('sends_by_text').columns(['org', 'account', 'text_hash', 'accepted_at']).execute()
  await index('sends_by_refusal').columns(['org', 'account', 'rejected_code', 'settled_at']).execute()
}

/** Sends are paced, expire and can be cancelled; each of their changes has a number. */
export const deliveries: Migration = {
  async up(database: Kysely<Schema>) {
    const { schema } = database
    await widenSends(database)
    await schema
      .createTable('send_changes')
      .addColumn('org', ID, column => column.notNull())
      .addColumn('seq', 'bigint', column => column.notNull())
      .addColumn('send_id', ID, column => column.notNull().references('sends.id'))
      .addColumn('status', 'varchar(16)', column => column.notNull())
      .addColumn('rejected_code', 'integer')
      .addColumn('changed_at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('send_changes_key', ['org', 'seq'])
      .execute()
    await schema
      .createTable('send_sequences')
      .addColumn('org', ID, column => column.primaryKey())
      .addColumn('last', 'bigint', column => column.notNull())
      .execute()
    await schema
      .createTable('allowances')
      .addColumn('org', ID, column => column.notNull())
      .addColumn('account', ID, column => column.notNull())
      .addColumn('phone', 'varchar(16)', column => column.notNull())
      .addColumn('linked_at', 'bigint', column => column.notNull())
      .addColumn('banned_until', 'bigint')
      .addPrimaryKeyConstraint('allowances_key', ['org', 'account', 'phone'])
      .execute()
  },
}
