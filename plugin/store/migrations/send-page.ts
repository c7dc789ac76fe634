import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** Indexes to page through the sends of an account and of a status. */
export const sendPages: Migration = {
  async up({ schema }: Kysely<Schema>) {
    // The condition is true for all rows. Only queries that repeat it use this index, so SQLite does not choose it for others.
    const index = (name: string) => schema.createIndex(name).on('sends')
    await index('sends_by_account').columns(['org', 'account', 'seq']).where('account', '<>', '').execute()
    await index('sends_by_status').columns(['org', 'status', 'seq', 'account']).where('account', '<>', '').execute()
  },
}
