import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

/** The files of messages. */
export const attachments: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .createTable('attachments')
      .addColumn('message_id', ID, column => column.primaryKey())
      .addColumn('org', ID, column => column.notNull())
      .addColumn('account', ID, column => column.notNull())
      .addColumn('file', ID, column => column.notNull())
      .addColumn('kind', 'varchar(16)', column => column.notNull())
      .addColumn('file_name', 'text')
      .addColumn('artifact_id', ID)
      .addColumn('mime', 'text')
      .addColumn('size_bytes', 'bigint')
      .addColumn('sha256', 'varchar(64)')
      .addColumn('failure', 'varchar(32)')
      .addColumn('attempts', 'integer', column => column.notNull())
      .addColumn('wanted_at', 'bigint')
      .addColumn('next_at', 'bigint')
      .execute()
    await schema
      .createIndex('attachments_by_due')
      .on('attachments')
      .column('next_at')
      .where('next_at', 'is not', null)
      .execute()
  },
}
