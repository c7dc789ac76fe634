import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** When the last message came that an account's journal brought. */
export const lastReceived: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('cursors').addColumn('received_at', 'bigint').execute()
  },
}
