import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** How WhatsApp's stanza named a message. */
export const messageKeys: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('messages').addColumn('stanza_key', 'text').execute()
  },
}
