import { sql, type Kysely, type Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** When messages disappear from their chats, and indexes to find their edits, files and approval prompts at that time. */
export const disappearing: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('messages').addColumn('expires_in', 'integer').execute()
    await schema.alterTable('messages').addColumn('forget_at', 'bigint').execute()
    const ofMessages = (name: string) => schema.createIndex(name).on('messages')
    await ofMessages('messages_by_forget').column('forget_at').where('forget_at', 'is not', null).execute()
    await ofMessages('messages_by_edit')
      .columns(['edits', 'chat_key'])
      .where(sql<boolean>`edits <> ''`)
      .execute()
    // Also finds quotes of messages that were not stored yet or could not be read.
    await ofMessages('messages_by_claim')
      .expression(sql`json_extract(quoted, '$.stanzaId')`)
      .where(sql<boolean>`quoted is not null`)
      .execute()
    const ofFiles = (name: string) => schema.createIndex(name).on('attachments')
    await ofFiles('attachments_by_artifact')
      .column('artifact_id')
      .where(sql<boolean>`artifact_id is not null`)
      .execute()
    // This exact condition keeps SQLite from using this index for queries about all stored files.
    await ofFiles('attachments_left')
      .column('failure')
      .where(sql<boolean>`failure = 'forgotten' and ifnull(artifact_id, '-') <> '-'`)
      .execute()
    await schema.createIndex('prompts_by_approval').on('approval_prompts').column('approval_id').execute()
  },
}
