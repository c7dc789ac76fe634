import { sql, type Kysely, type Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Indexes to find files to fetch account by account, and files to forget in order. */
export const fairFiles: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .createIndex('attachments_by_wait')
      .on('attachments')
      .columns(['org', 'account', 'next_at', 'message_id'])
      .where('next_at', 'is not', null)
      .execute()
    await schema.dropIndex('attachments_left').execute()
    await schema
      .createIndex('attachments_left')
      .on('attachments')
      .column('message_id')
      .where(sql<boolean>`failure = 'forgotten' and ifnull(artifact_id, '-') <> '-'`)
      .execute()
  },
}
