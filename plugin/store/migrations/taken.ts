import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Indexes to count matched messages by the time they were written: per sender, per chat and per account. */
export const taken: Migration = {
  async up({ schema }: Kysely<Schema>) {
    const index = (name: string) => schema.createIndex(name).on('messages')
    await index('messages_taken_of_sender')
      .columns(['sender_id', 'sent_at', 'binding_id'])
      .where('binding_id', 'is not', null)
      .execute()
    await index('messages_taken')
      .columns(['org', 'account', 'sent_at', 'chat_key', 'binding_id'])
      .where('binding_id', 'is not', null)
      .execute()
  },
}
