import { sql, type Kysely, type Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Files that are to be fetched are found account by account, and those that are to be forgotten one behind the other. */
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
