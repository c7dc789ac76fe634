import type { Kysely, Migration, MigrationProvider } from 'kysely'

import { attachments } from './attachment.ts'
import { approvals } from './approval.ts'
import { waitingIndexes } from './waiting-indexes.ts'
import { attempts } from './attempt.ts'
import { bindingChanges } from './binding-changes.ts'
import {
  approvalAnswers,
  backlogHolds,
  bindingVersions,
  claims,
  decisions,
  evidence,
  lastReceived,
  messageKeys,
  quotes,
  rejections,
  remarks,
  revisionLimit,
  suspensions,
  turnFailures,
} from './columns.ts'
import { contacts } from './contact.ts'
import { conversations } from './conversation.ts'
import { deliveries } from './delivery.ts'
import { disappearing } from './disappearing.ts'
import { groupSubjects } from './group-subject.ts'
import { judgements } from './judgement.ts'
import { fairFiles } from './fair-files.ts'
import { gatherings } from './gathering.ts'
import { loops } from './loop.ts'
import { lookups } from './lookup.ts'
import { numbers } from './number.ts'
import { retention } from './retention.ts'
import type { Schema } from '../sql/schema.ts'
import { sendPages } from './send-page.ts'
import { taken } from './taken.ts'
import { timeLocks } from './time-lock.ts'
import { takeovers } from './takeover.ts'
import { webVersions } from './web-version.ts'

const ID = 'varchar(64)'

async function createAccounts(schema: Kysely<Schema>['schema']): Promise<void> {
  await schema
    .createTable('accounts')
    .addColumn('org', ID, column => column.notNull())
    .addColumn('account', ID, column => column.notNull())
    .addColumn('display_name', 'text')
    .addColumn('phone', 'varchar(16)')
    .addColumn('last_connected_at', 'bigint')
    .addColumn('configured_at', 'bigint', column => column.notNull())
    .addPrimaryKeyConstraint('accounts_key', ['org', 'account'])
    .execute()
  await schema
    .createTable('confirmations')
    .addColumn('org', ID, column => column.notNull())
    .addColumn('account', ID, column => column.notNull())
    .addColumn('phone', 'varchar(16)', column => column.notNull())
    .addColumn('confirmed_at', 'bigint', column => column.notNull())
    .addPrimaryKeyConstraint('confirmations_key', ['org', 'account', 'phone'])
    .execute()
  await schema
    .createTable('cursors')
    .addColumn('org', ID, column => column.notNull())
    .addColumn('account', ID, column => column.notNull())
    .addColumn('through', 'bigint', column => column.notNull())
    .addPrimaryKeyConstraint('cursors_key', ['org', 'account'])
    .execute()
  await schema
    .createTable('sequences')
    .addColumn('org', ID, column => column.primaryKey())
    .addColumn('last', 'bigint', column => column.notNull())
    .execute()
}

async function createBindings(schema: Kysely<Schema>['schema']): Promise<void> {
  await schema
    .createTable('bindings')
    .addColumn('id', ID, column => column.primaryKey())
    .addColumn('org', ID, column => column.notNull())
    .addColumn('agent', 'text', column => column.notNull())
    .addColumn('rule', 'text', column => column.notNull())
    .addColumn('position', 'integer', column => column.notNull())
    .addColumn('created_at', 'bigint', column => column.notNull())
    .addUniqueConstraint('bindings_order', ['org', 'position'])
    .execute()
}

async function createPeople(schema: Kysely<Schema>['schema']): Promise<void> {
  await schema
    .createTable('people')
    .addColumn('id', ID, column => column.primaryKey())
    .addColumn('org', ID, column => column.notNull())
    .addColumn('account', ID, column => column.notNull())
    .addColumn('lid', 'varchar(20)')
    .addColumn('phone', 'varchar(16)')
    .addUniqueConstraint('people_by_lid', ['org', 'account', 'lid'])
    .addUniqueConstraint('people_by_phone', ['org', 'account', 'phone'])
    .execute()
}

async function createMessages(schema: Kysely<Schema>['schema']): Promise<void> {
  await schema
    .createTable('messages')
    .addColumn('id', ID, column => column.primaryKey())
    .addColumn('org', ID, column => column.notNull())
    .addColumn('account', ID, column => column.notNull())
    .addColumn('seq', 'bigint', column => column.notNull())
    .addColumn('direction', 'varchar(8)', column => column.notNull())
    .addColumn('chat_key', ID, column => column.notNull())
    .addColumn('sender_id', ID, column => column.notNull().references('people.id'))
    .addColumn('receiver_id', ID, column => column.references('people.id'))
    .addColumn('stanza_id', 'text', column => column.notNull())
    .addColumn('edits', 'text', column => column.notNull())
    .addColumn('from_me', 'integer', column => column.notNull())
    .addColumn('sender_name', 'text')
    .addColumn('content', 'text', column => column.notNull())
    .addColumn('mentioned', 'integer', column => column.notNull())
    .addColumn('quoted', 'text')
    .addColumn('outcome', 'text', column => column.notNull())
    .addColumn('binding_id', ID)
    .addColumn('sent_at', 'bigint', column => column.notNull())
    .addColumn('received_at', 'bigint', column => column.notNull())
    .addUniqueConstraint('messages_stream', ['org', 'seq'])
    .execute()
  const index = (name: string) => schema.createIndex(name).on('messages')
  await index('messages_by_stanza').columns(['org', 'account', 'stanza_id']).execute()
  await index('messages_by_outcome').columns(['org', 'account', 'outcome', 'seq']).execute()
  await index('messages_by_chat').columns(['chat_key']).execute()
  await index('messages_by_sender').columns(['sender_id']).execute()
}

async function createTurns(schema: Kysely<Schema>['schema']): Promise<void> {
  await schema
    .createTable('turns')
    .addColumn('id', ID, column => column.primaryKey())
    .addColumn('org', ID, column => column.notNull())
    .addColumn('account', ID, column => column.notNull())
    .addColumn('message_id', ID, column => column.notNull().unique().references('messages.id'))
    .addColumn('chat_key', ID, column => column.notNull())
    .addColumn('agent', 'text', column => column.notNull())
    .addColumn('request_id', ID, column => column.notNull())
    .addColumn('status', 'varchar(24)', column => column.notNull())
    .addColumn('code', 'text')
    .addColumn('queued_at', 'bigint', column => column.notNull())
    .addColumn('ended_at', 'bigint')
    .execute()
  const index = schema.createIndex('turns_by_status').on('turns')
  await index.columns(['status', 'org', 'account', 'chat_key', 'id']).execute()
}

async function createSends(schema: Kysely<Schema>['schema']): Promise<void> {
  await schema
    .createTable('sends')
    .addColumn('id', ID, column => column.primaryKey())
    .addColumn('org', ID, column => column.notNull())
    .addColumn('account', ID, column => column.notNull())
    .addColumn('message_id', ID, column => column.notNull().unique().references('messages.id'))
    .addColumn('chat_key', ID, column => column.notNull())
    .addColumn('seq', 'bigint', column => column.notNull())
    .addColumn('stanza_id', 'varchar(32)', column => column.notNull())
    .addColumn('content', 'text', column => column.notNull())
    .addColumn('bytes', 'blob')
    .addColumn('status', 'varchar(16)', column => column.notNull())
    .addColumn('rejected_code', 'integer')
    .addColumn('accepted_at', 'bigint', column => column.notNull())
    .addUniqueConstraint('sends_by_stanza', ['org', 'account', 'stanza_id'])
    .addUniqueConstraint('sends_order', ['org', 'seq'])
    .execute()
  await schema
    .createIndex('sends_by_status')
    .on('sends')
    .columns(['org', 'account', 'status', 'chat_key', 'seq'])
    .execute()
  await schema
    .createTable('idempotency_keys')
    .addColumn('org', ID, column => column.notNull())
    .addColumn('key', 'varchar(128)', column => column.notNull())
    .addColumn('body_hash', ID, column => column.notNull())
    .addColumn('send_id', ID, column => column.notNull())
    .addColumn('created_at', 'bigint', column => column.notNull())
    .addPrimaryKeyConstraint('idempotency_keys_key', ['org', 'key'])
    .execute()
}

const first: Migration = {
  async up(database: Kysely<Schema>) {
    const { schema } = database
    await createAccounts(schema)
    await createBindings(schema)
    await createPeople(schema)
    await createMessages(schema)
    await createTurns(schema)
    await createSends(schema)
  },
}

/** The migrations to the present schema, in the order of their names. */
export const migrations: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve({
      '0001-first': first,
      '0002-attempts': attempts,
      '0003-deliveries': deliveries,
      '0004-binding-changes': bindingChanges,
      '0005-lookups': lookups,
      '0006-time-locks': timeLocks,
      '0007-attachments': attachments,
      '0008-remarks': remarks,
      '0009-binding-versions': bindingVersions,
      '0010-judgements': judgements,
      '0011-approvals': approvals,
      '0012-conversations': conversations,
      '0013-last-received': lastReceived,
      '0014-taken': taken,
      '0015-numbers': numbers,
      '0016-decisions': decisions,
      '0017-send-pages': sendPages,
      '0018-evidence': evidence,
      '0019-rejections': rejections,
      '0020-web-versions': webVersions,
      '0021-contacts': contacts,
      '0022-quotes': quotes,
      '0023-takeovers': takeovers,
      '0024-message-keys': messageKeys,
      '0025-claims': claims,
      '0026-backlog-holds': backlogHolds,
      '0027-loops': loops,
      '0028-gatherings': gatherings,
      '0029-disappearing': disappearing,
      '0030-fair-files': fairFiles,
      '0031-retention': retention,
      '0032-suspensions': suspensions,
      '0033-revision-limit': revisionLimit,
      '0034-turn-failures': turnFailures,
      '0035-group-subjects': groupSubjects,
      '0036-approval-answers': approvalAnswers,
      '0037-waiting-indexes': waitingIndexes,
    }),
}
