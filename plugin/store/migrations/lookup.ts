import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

async function indexMessages({ schema }: Kysely<Schema>): Promise<void> {
  await schema.dropIndex('messages_by_chat').execute()
  await schema.dropIndex('messages_by_outcome').execute()
  const index = (name: string) => schema.createIndex(name).on('messages')
  await index('messages_by_chat').columns(['chat_key', 'direction', 'from_me', 'org', 'account']).execute()
  await index('messages_by_receiver').column('receiver_id').where('receiver_id', 'is not', null).execute()
  await index('messages_by_wait')
    .columns(['org', 'account', 'outcome', 'seq'])
    .where(row =>
      row.or([
        row('outcome', '=', 'undecryptable'),
        row('outcome', '=', 'unmatched: identity_unknown'),
        row('outcome', '=', 'unmatched: link_unconfirmed'),
      ]),
    )
    .execute()
}

async function indexTurns({ schema }: Kysely<Schema>): Promise<void> {
  await schema.dropIndex('turns_by_status').execute()
  await schema.dropIndex('turns_by_due').execute()
  const index = (name: string) => schema.createIndex(name).on('turns')
  await index('turns_by_wait')
    .columns(['status', 'org', 'account', 'chat_key', 'id', 'ended_at'])
    .where('ended_at', 'is', null)
    .execute()
  await index('turns_by_due').column('next_at').where('next_at', 'is not', null).execute()
  await index('turns_by_age').columns(['org', 'id']).execute()
  await index('turns_by_status').columns(['org', 'status', 'id']).execute()
}

async function indexSends({ schema }: Kysely<Schema>): Promise<void> {
  for (const name of ['wait', 'transmission', 'text', 'refusal']) await schema.dropIndex(`sends_by_${name}`).execute()
  const index = (name: string) => schema.createIndex(name).on('sends')
  await index('sends_by_wait')
    .columns(['org', 'account', 'status', 'held', 'chat_key', 'class', 'seq', 'settled_at'])
    .where('settled_at', 'is', null)
    .execute()
  await index('sends_by_expiry')
    .columns(['org', 'account', 'expires_at', 'seq', 'settled_at', 'transmitted_at'])
    .where('settled_at', 'is', null)
    .where('transmitted_at', 'is', null)
    .execute()
  await index('sends_by_transmission')
    .columns(['org', 'account', 'transmitted_at'])
    .where('transmitted_at', 'is not', null)
    .execute()
  await index('sends_by_text')
    .columns(['org', 'account', 'text_hash', 'accepted_at'])
    .where('text_hash', 'is not', null)
    .execute()
  await index('sends_by_refusal')
    .columns(['org', 'account', 'rejected_code', 'settled_at'])
    .where('rejected_code', 'is not', null)
    .execute()
}

/**
 * An index for each query. The indexes of waiting rows contain only those, so that ended rows cost nothing. Their conditions test
 * for null where possible: SQLite prepares a query again each time a bound value is compared with a constant of a condition. The
 * column tested for null is also in the index, or SQLite would read the rows to check it.
 */
export const lookups: Migration = {
  async up(database: Kysely<Schema>) {
    await indexMessages(database)
    await indexTurns(database)
    await indexSends(database)
    await database.schema.createIndex('idempotency_keys_by_age').on('idempotency_keys').column('created_at').execute()
  },
}
