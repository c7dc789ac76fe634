import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Indexes to find the gathering turns of a chat and the held turns of an account without reading all that wait. */
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
