import type { Kysely, Migration } from 'kysely'

import type { Schema } from '../sql/schema.ts'

/** If several accounts are linked as one number, the account configured first keeps it. The others lose it when they connect. */
async function tellApart(database: Kysely<Schema>): Promise<void> {
  const linked = await database
    .selectFrom('accounts')
    .select(['org', 'account', 'phone'])
    .where('phone', 'is not', null)
    .orderBy('configured_at')
    .orderBy('org')
    .orderBy('account')
    .execute()
  const first = new Map(linked.toReversed().map(({ org, account, phone }) => [phone, { org, account }]))
  for (const { org, account, phone } of linked) {
    const keeps = first.get(phone)?.org === org && first.get(phone)?.account === account
    await database
      .updateTable('accounts')
      .set(keeps ? { journal_phone: phone } : { phone: null })
      .where('org', '=', org)
      .where('account', '=', account)
      .execute()
  }
}

/** An org can have several numbers; no number is linked to two accounts. */
export const numbers: Migration = {
  async up(database: Kysely<Schema>) {
    const { schema } = database
    await schema.alterTable('accounts').addColumn('journal_phone', 'varchar(16)').execute()
    await tellApart(database)
    await schema.createIndex('accounts_by_phone').unique().on('accounts').column('phone').execute()
    for (const table of ['messages', 'turns'] as const) {
      // The condition is true for all rows. Only queries that repeat it use this index, so SQLite does not choose it for others.
      const index = schema.createIndex(`${table}_by_account`).on(table).columns(['org', 'account', 'id'])
      await index.where('account', '<>', '').execute()
    }
  },
}
