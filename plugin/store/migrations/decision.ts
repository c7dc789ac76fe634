import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** What the gate said to each step, and the way from a send to its steps. */
export const decisions: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('steps').addColumn('decision', 'varchar(20)').execute()
    await schema.alterTable('steps').addColumn('reason', 'text').execute()
    await schema.createIndex('send_changes_by_send').on('send_changes').column('send_id').execute()
  },
}
