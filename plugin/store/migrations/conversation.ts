import { sql, type Kysely, type Migration } from 'kysely'

import type { MessageContent } from '../../contract/content.ts'
import type { OutboundContent } from '../../contract/delivery.ts'
import type { Schema } from '../sql/schema.ts'

const ID = 'varchar(64)'

async function addColumns({ schema }: Kysely<Schema>): Promise<void> {
  for (const table of ['bindings', 'binding_revisions', 'turns'])
    await schema
      .alterTable(table)
      .addColumn('conversation', 'varchar(16)', column => column.notNull().defaultTo('chat'))
      .execute()
  for (const name of ['answers', 'changed_by']) await schema.alterTable('messages').addColumn(name, ID).execute()
}

async function addIndexes({ schema }: Kysely<Schema>): Promise<void> {
  const index = (name: string) => schema.createIndex(name).on('messages')
  await schema.dropIndex('messages_by_sender').execute()
  await index('messages_by_sender').columns(['sender_id', 'chat_key', 'seq']).execute()
  await index('messages_by_conversation').columns(['chat_key', 'org', 'seq']).execute()
  await index('messages_by_answer').column('answers').where('answers', 'is not', null).execute()
}

/** The id of a reply contains the id of its turn. */
async function tieReplies(database: Kysely<Schema>): Promise<void> {
  await sql`
    UPDATE messages SET answers = (
      SELECT turns.message_id FROM sends INNER JOIN turns ON turns.id = 'trn_' || substr(sends.id, 5, 26)
      WHERE sends.message_id = messages.id
    ) WHERE direction = 'outbound'
  `.execute(database)
}

function targetOf(text: string): string | null {
  const content = JSON.parse(text) as MessageContent | OutboundContent
  if (content.kind === 'revoke') return content.target
  return content.kind === 'edit' || content.kind === 'delete' ? content.target.stanzaId : null
}

/** Ties revoked messages, and messages of ours that were edited, to the change. */
async function tieChanges(database: Kysely<Schema>): Promise<void> {
  const changes = await database
    .selectFrom('messages')
    .select(['id', 'org', 'account', 'chat_key', 'sender_id', 'content'])
    .where(row =>
      row.or([
        row('outcome', '=', 'ignored: revoke'),
        row('content', 'like', '{"kind":"edit"%'),
        row('content', 'like', '{"kind":"delete"%'),
      ]),
    )
    .orderBy('seq')
    .execute()
  for (const { id, org, account, chat_key, sender_id, content } of changes) {
    const stanzaId = targetOf(content)
    if (stanzaId === null) continue
    await database
      .updateTable('messages')
      .set({ changed_by: id })
      .where('org', '=', org)
      .where('account', '=', account)
      .where('stanza_id', '=', stanzaId)
      .where('edits', '=', '')
      .where('chat_key', '=', chat_key)
      .where('sender_id', '=', sender_id)
      .execute()
  }
}

/** Lets a conversation be read back in order, without messages that were taken back. */
export const conversations: Migration = {
  async up(database: Kysely<Schema>) {
    await addColumns(database)
    await addIndexes(database)
    await tieReplies(database)
    await tieChanges(database)
  },
}
