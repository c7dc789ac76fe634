import { join } from 'node:path'

import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { Kysely, Migrator, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'

import { type AccountKey, parseAccountName, parseOrgId } from '../../../plugin/contract/ids.ts'
import {
  claimNumber,
  configureAccount,
  listAccounts,
  releaseNumber,
  removeAccount,
} from '../../../plugin/store/accounts/accounts.ts'
import { openStore, type Store } from '../../../plugin/store/database.ts'
import { migrations } from '../../../plugin/store/migrations/migrations.ts'
import { emptyStore, given, person } from '../../support/store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const KEYS: readonly AccountKey[] = ['a/default', 'a/sales', 'b/default', 'b/sales'].map(name => {
  const [org = '', account = ''] = name.split('/')
  return { org: given(parseOrgId(org)), account: given(parseAccountName(account)) }
})
const PHONES = ['972500000001', '972500000002'].map(digits => given(person(null, digits).phone))
const nameOf = ({ org, account }: AccountKey): string => `${org}/${account}`

const index = (length: number) => fc.nat({ max: length - 1 })
/** A number that accounts claim at the same moment; null: they let go of theirs. */
const step = fc.record({
  phone: fc.option(index(PHONES.length)),
  accounts: fc.uniqueArray(index(KEYS.length), { minLength: 1 }),
})

/** What became of each account's claim, all of them made at once. */
async function claimAtOnce(store: Store, accounts: readonly number[], phone: number): Promise<boolean[]> {
  const claim = (at: number) =>
    store.transaction(trx => claimNumber(trx, given(KEYS[at]), given(PHONES[phone]))).then(isOurs => isOurs)
  return Promise.all(accounts.map(claim))
}

async function letGo(store: Store, accounts: readonly number[]): Promise<void> {
  await Promise.all(accounts.map(at => releaseNumber(store.connection, given(KEYS[at]))))
}

describe('a number', () => {
  it('is one account’s at the most, whoever claims it at the same moment, and is claimed in vain only while it is another’s', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    const held = async () =>
      new Map(
        (await listAccounts(store.connection)).flatMap(({ phone, ...key }) => (phone ? [[phone, nameOf(key)]] : [])),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
        await store.transaction(async trx => {
          for (const key of KEYS) {
            await removeAccount(trx, key)
            await configureAccount(trx, key, { displayName: null })
          }
        })
        for (const { phone, accounts } of steps) {
          if (phone === null) {
            await letGo(store, accounts)
            continue
          }
          const before = (await held()).get(given(PHONES[phone]))
          const claims = await claimAtOnce(store, accounts, phone)
          const winners = accounts.filter((_, at) => claims[at]).map(at => nameOf(given(KEYS[at])))
          const holder = (await held()).get(given(PHONES[phone]))
          const wanted = accounts.map(at => nameOf(given(KEYS[at])))
          if (before === undefined) expect(winners).toEqual([holder])
          else expect([holder, winners]).toEqual([before, wanted.filter(name => name === before)])
        }
      }),
      { numRuns: 60 },
    )
  })

  it('of a database that had it twice stays with the account that was configured first', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'whatsapp.db')
    const sqlite = new Sqlite(file)
    const connection = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
    await new Migrator({ db: connection, provider: migrations }).migrateTo('0010-judgements')
    sqlite.exec(`
      INSERT INTO accounts VALUES ('a', 'default', NULL, '${PHONES[0]}', 9, 7);
      INSERT INTO accounts VALUES ('b', 'default', NULL, '${PHONES[0]}', 9, 5);
      INSERT INTO accounts VALUES ('b', 'sales', NULL, '${PHONES[1]}', 9, 8);
      INSERT INTO accounts VALUES ('b', 'spare', NULL, NULL, NULL, 8);`)
    await connection.destroy()
    const store = await openStore(file)
    const accounts = await listAccounts(store.connection)
    await store.close()
    expect(accounts.map(({ phone, journalPhone, ...key }) => [nameOf(key), phone, journalPhone])).toEqual([
      ['a/default', null, null],
      ['b/default', PHONES[0], PHONES[0]],
      ['b/sales', PHONES[1], PHONES[1]],
      ['b/spare', null, null],
    ])
  })
})
