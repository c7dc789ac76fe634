import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** The present and earlier names of groups. */
export const groupSubjects: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .createTable('group_subjects')
      .addColumn('org', 'varchar(64)', column => column.notNull())
      .addColumn('account', 'varchar(64)', column => column.notNull())
      .addColumn('group_id', 'varchar(64)', column => column.notNull())
      .addColumn('since', 'bigint', column => column.notNull())
      .addColumn('subject', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('group_subjects_key', ['org', 'account', 'group_id', 'since'])
      .execute()
  },
}
