import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** What an approver answered in a chat, from when the answer is stored until the audit log has it and it is decided. */
export const approvalAnswers: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('approvals').addColumn('answer', 'varchar(16)').execute()
    await schema.alterTable('approvals').addColumn('answered_by', 'varchar(64)').execute()
    await schema
      .createIndex('approvals_answered')
      .on('approvals')
      .columns(['id'])
      .where('answer' as never, 'is not', null)
      .execute()
  },
}
