import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** What gathers in a chat, and what is held of an account, is found without all that waits there. */
export const waitingIndexes: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .createIndex('turns_gathering_by_chat')
      .on('turns')
      .columns(['org', 'account', 'chat_key'])
      .where('gathers_until' as never, 'is not', null)
      .execute()
    await schema
      .createIndex('turns_held_by_account')
      .on('turns')
      .columns(['org', 'account'])
      .where('backlog_until' as never, 'is not', null)
      .execute()
  },
}
