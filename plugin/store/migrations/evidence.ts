import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** When WhatsApp said that a number is banned, or may begin no new chats. */
export const evidence: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('allowances').addColumn('banned_at', 'bigint').execute()
    await schema.alterTable('time_locks').addColumn('noted_at', 'bigint').execute()
  },
}
