import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

/** Tool calls that wait for a person, and the messages that asked that person. */
export const approvals: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .createTable('approvals')
      .addColumn('id', ID, column => column.primaryKey())
      .addColumn('org', ID, column => column.notNull())
      .addColumn('turn_id', ID, column => column.notNull().references('turns.id'))
      .addColumn('step', 'integer', column => column.notNull())
      .addColumn('tool', 'text', column => column.notNull())
      .addColumn('effect', 'varchar(16)', column => column.notNull())
      .addColumn('arguments', 'text', column => column.notNull())
      .addColumn('arguments_hash', ID, column => column.notNull())
      .addColumn('reason', 'text', column => column.notNull())
      .addColumn('user', ID, column => column.notNull())
      .addColumn('status', 'varchar(16)', column => column.notNull())
      .addColumn('note', 'text')
      .addColumn('requested_at', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addColumn('decided_at', 'bigint')
      .addColumn('decided_by', ID)
      .addColumn('used_at', 'bigint')
      .execute()
    await schema.createIndex('approvals_by_turn').on('approvals').columns(['turn_id', 'step', 'id']).execute()
    await schema.createIndex('approvals_by_age').on('approvals').columns(['org', 'id']).execute()
    await schema.createIndex('approvals_by_status').on('approvals').columns(['org', 'status', 'id']).execute()
    await schema
      .createTable('approval_prompts')
      .addColumn('send_id', ID, column => column.primaryKey())
      .addColumn('approval_id', ID, column => column.notNull().references('approvals.id'))
      .execute()
  },
}
