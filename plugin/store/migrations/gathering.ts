import { sql, type Kysely, type Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

const TAKEN = [
  ['messages_taken_of_sender', ['sender_id', 'sent_at', 'binding_id']],
  ['messages_taken', ['org', 'account', 'sent_at', 'chat_key', 'binding_id']],
] as const

/** One turn for several messages of a sender, such as an album. */
export const gatherings: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('messages').addColumn('album', ID).execute()
    await schema.alterTable('messages').addColumn('gathered_in', ID).execute()
    await schema
      .createIndex('messages_by_album')
      .on('messages')
      .columns(['org', 'account', 'chat_key', 'album', 'sender_id', 'seq'])
      .where('album', 'is not', null)
      .execute()
    await schema
      .createIndex('messages_gathered')
      .on('messages')
      .columns(['gathered_in', 'seq'])
      .where('gathered_in', 'is not', null)
      .execute()
    // Gathered messages count once.
    for (const [name, columns] of TAKEN) {
      await schema.dropIndex(name).execute()
      await schema
        .createIndex(name)
        .on('messages')
        .columns([...columns])
        .where(sql<boolean>`binding_id is not null and gathered_in is null`)
        .execute()
    }
    await schema.alterTable('turns').addColumn('gathers_until', 'bigint').execute()
    await schema
      .alterTable('turns')
      .addColumn('pieces', 'integer', column => column.notNull().defaultTo(1))
      .execute()
    await schema
      .alterTable('turns')
      .addColumn('gather_wait_ms', 'integer', column => column.notNull().defaultTo(0))
      .execute()
    await schema
      .createIndex('turns_gathering')
      .on('turns')
      .columns(['gathers_until'])
      .where('gathers_until', 'is not', null)
      .execute()
  },
}
