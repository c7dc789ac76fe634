import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** What bindings took is counted by when it was written: of a sender, in a chat and of an account. */
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
