import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** When the last message from an account's journal arrived. */
export const lastReceived: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('cursors').addColumn('received_at', 'bigint').execute()
  },
}

/** The message key of WhatsApp's stanza. */
export const messageKeys: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('messages').addColumn('stanza_key', 'text').execute()
  },
}

/** How a sent message differs from the request. */
export const remarks: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('sends').addColumn('remark', 'varchar(32)').execute()
  },
}

/** When WhatsApp reported that a number is banned or may not start new chats. */
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

/** Suspends bindings whose pattern often takes too long. */
export const suspensions: Migration = {
  async up({ schema }: Kysely<Schema>) {
    for (const table of ['bindings', 'binding_revisions'])
      await schema.alterTable(table).addColumn('suspended_at', 'bigint').execute()
  },
}

/** From which change on an org's bindings are known: only a limited number of revisions is kept. */
export const revisionLimit: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .alterTable('binding_changes')
      .addColumn('kept_from', 'bigint', column => column.notNull().defaultTo(0))
      .execute()
  },
}

/** Whether a message mentions everybody, and whether it was forwarded. */
export const claims: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema
      .alterTable('messages')
      .addColumn('mentions_all', 'integer', column => column.notNull().defaultTo(0))
      .execute()
    await schema.alterTable('messages').addColumn('forwarded', 'integer').execute()
  },
}

/** Several people edit bindings: adds a version, and a switch to disable a binding. */
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

/** The gate's decision on each step, and the index from a send to its changes. */
export const decisions: Migration = {
  async up({ schema }: Kysely<Schema>) {
    await schema.alterTable('steps').addColumn('decision', 'varchar(20)').execute()
    await schema.alterTable('steps').addColumn('reason', 'text').execute()
    await schema.createIndex('send_changes_by_send').on('send_changes').column('send_id').execute()
  },
}

/** Stores since when an attempt runs and how the last one failed. Adds an index of turns that were given up. */
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

/** Lets a turn wait for the backlog at WhatsApp. */
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

/** Finds the messages that wait for the file of a quoted message when the file is ready. */
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

/** An approver's answer in a chat, from when it is stored until it is in the audit log and decided. */
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
