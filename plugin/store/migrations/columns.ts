import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** When the last message came that an account's journal brought. */
export const lastReceived: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('cursors').addColumn('received_at', 'bigint').execute()
  },
}

/** How WhatsApp's stanza named a message. */
export const messageKeys: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('messages').addColumn('stanza_key', 'text').execute()
  },
}

/** In what something that was sent differs from what was asked for. */
export const remarks: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('sends').addColumn('remark', 'varchar(32)').execute()
  },
}

/** When WhatsApp said that a number is banned, or may begin no new chats. */
export const evidence: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('allowances').addColumn('banned_at', 'bigint').execute()
    await schema.alterTable('time_locks').addColumn('noted_at', 'bigint').execute()
  },
}

/** Why we rejected a send ourselves. */
export const rejections: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('sends').addColumn('rejected_reason', 'varchar(32)').execute()
    await schema.alterTable('send_changes').addColumn('rejected_reason', 'varchar(32)').execute()
  },
}

/** Bindings whose pattern takes too long too often are suspended. */
export const suspensions: Migration = {
  async up({ schema }: Kysely<Schema>) {
    for (const table of ['bindings', 'binding_revisions'])
      await schema.alterTable(table).addColumn('suspended_at', 'bigint').execute()
  },
}

/** From which change on it is known what an org's bindings were: of what they were before only so much is kept. */
export const revisionLimit: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .alterTable('binding_changes')
      .addColumn('kept_from', 'bigint', column => column.notNull().defaultTo(0))
      .execute()
  },
}

/** What messages say of whom they mention and where they come from. */
export const claims: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .alterTable('messages')
      .addColumn('mentions_all', 'integer', column => column.notNull().defaultTo(0))
      .execute()
    await schema.alterTable('messages').addColumn('forwarded', 'integer').execute()
  },
}

/** Bindings are changed by several people, and may rest for a while. */
export const bindingVersions: Migration = {
  async up({ schema }: Kysely<Schema>) {
    const integer = { enabled: 1, version: 1 } as const
    for (const name of ['enabled', 'version'] as const) {
      await schema
        .alterTable('bindings')
        .addColumn(name, 'integer', column => column.notNull().defaultTo(integer[name]))
        .execute()
    }
  },
}

/** What the gate said to each step, and the way from a send to its steps. */
export const decisions: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('steps').addColumn('decision', 'varchar(20)').execute()
    await schema.alterTable('steps').addColumn('reason', 'text').execute()
    await schema.createIndex('send_changes_by_send').on('send_changes').column('send_id').execute()
  },
}

/** Since when an attempt runs and how the last one failed is kept; turns that were given up are found without looking at others. */
export const turnFailures: Migration = {
  async up(database: Kysely<Schema>) {
    const { schema } = database
    for (const name of ['began_at', 'deadline_at']) await schema.alterTable('turns').addColumn(name, 'bigint').execute()
    await schema.alterTable('turns').addColumn('failure', 'text').execute()
    await schema
      .createIndex('turns_given_up')
      .on('turns')
      .columns(['org', 'account', 'ended_at'])
      .where('status' as never, '=', 'dead_letter')
      .execute()
  },
}

/** A turn may wait for what waits at WhatsApp. */
export const backlogHolds: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('turns').addColumn('backlog_until', 'bigint').execute()
    await schema
      .createIndex('turns_held')
      .on('turns')
      .column('backlog_until')
      .where('backlog_until', 'is not', null)
      .execute()
  },
}

/** What waits for the file of a message that it quotes is found when the file is there. */
export const quotes: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('messages').addColumn('quotes', 'varchar(64)').execute()
    await schema
      .createIndex('messages_by_quote')
      .on('messages')
      .column('quotes')
      .where('quotes', 'is not', null)
      .execute()
  },
}

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
