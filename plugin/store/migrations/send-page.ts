import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** The sends of an account, and those of a status, from page to page. */
export const sendPages: Migration = {
  async up({ schema }: Kysely<Schema>) {
    // The condition holds for every row, and is written into the queries that are meant: others are not led here.
    const index = (name: string) => schema.createIndex(name).on('sends')
    await index('sends_by_account').columns(['org', 'account', 'seq']).where('account', '<>', '').execute()
    await index('sends_by_status').columns(['org', 'status', 'seq', 'account']).where('account', '<>', '').execute()
  },
}
