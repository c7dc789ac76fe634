import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { errorFields, systemCode } from '../../../plugin/contract/errors/error-fields.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { Connection } from '../../../plugin/store/sql/connection.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { allOrNothing } from '../../../plugin/store/sql/savepoint.ts'
import { watchedDisk } from '../../support/disk.ts'
import { ACCOUNT, linkedStore } from '../../support/store.ts'

/** From now on the database has no more pages than it has. */
async function filled({ connection }: Store): Promise<void> {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(connection)
  await sql.raw(`pragma max_page_count = ${rows[0]?.page_count ?? 0}`).execute(connection)
}

const emptied = ({ connection }: Store) => sql`pragma max_page_count = 1000000`.execute(connection)

async function writeIn(transaction: Connection): Promise<void> {
  await transaction
    .updateTable('accounts')
    .set({ display_name: 'x'.repeat(100_000) })
    .where('org', '=', ACCOUNT.org)
    .execute()
}

const writeMuch = (store: Store): Promise<unknown> => store.transaction(writeIn)

const daysOf = async ({ connection }: Store) => (await connection.selectFrom('retention').select('days').execute())[0]

describe('A database', () => {
  it('says that it takes nothing from the first refusal on, by what SQLite calls it, until it takes something again', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    await filled(store)
    expect(store.refusal).toBeNull()
    await expect(writeMuch(store)).rejects.toThrow('full')
    expect(store.refusal).toMatchObject({ cause: 'SQLITE_FULL' })
    const { since } = store.refusal ?? {}
    await expect(writeMuch(store)).rejects.toThrow('full')
    expect(store.refusal?.since).toBe(since)
    await emptied(store)
    await writeMuch(store)
    expect(store.refusal).toBeNull()
  })

  it('says so as well when it gives up a transaction in the middle of a part of it', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    await filled(store)
    const inPart = store.transaction(transaction => allOrNothing(transaction, () => writeIn(transaction)))
    await expect(inPart).rejects.toThrow('full')
    expect(store.refusal).toMatchObject({ cause: 'SQLITE_FULL' })
    await emptied(store)
    await writeMuch(store)
    expect(store.refusal).toBeNull()
  })

  it('is tried by itself, and nothing that is stored is changed by that', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const before = await daysOf(store)
    await filled(store)
    await expect(writeMuch(store)).rejects.toThrow('full')
    await emptied(store)
    await store.retry()
    expect([store.refusal, await daysOf(store)]).toEqual([null, before])
  })

  it('says so of a disk that refuses a flush, and stays so: what was lost is not known', async () => {
    await using disk = watchedDisk()
    await using opened = await linkedStore()
    disk.refuses = true
    await expect(writeMuch(opened.store)).rejects.toThrow('refuses')
    disk.refuses = false
    await opened.store.retry()
    expect(opened.store.refusal).toMatchObject({ cause: 'EIO' })
  })

  it('is not to blame for a mistake of ours, nor for what is thrown for other reasons', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const twice = store.transaction(async transaction => {
      const row = await transaction.selectFrom('accounts').selectAll().executeTakeFirstOrThrow()
      await transaction.insertInto('accounts').values(row).execute()
    })
    await expect(twice).rejects.toThrow('UNIQUE')
    await expect(store.transaction(() => Promise.reject(new ChannelError('not_found')))).rejects.toThrow()
    await expect(
      store.transaction(() => Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' }))),
    ).rejects.toThrow('gone')
    expect(store.refusal).toBeNull()
  })
})

describe('What is logged of an error', () => {
  it.each([
    [new ChannelError('not_found'), { code: 'not_found' }],
    [Object.assign(new Error('/a/path'), { code: 'SQLITE_FULL' }), { code: 'internal', cause: 'SQLITE_FULL' }],
    [
      new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'ENOSPC' }) }),
      { code: 'internal', cause: 'ENOSPC' },
    ],
    [new TypeError('a text'), { code: 'internal', cause: 'TypeError' }],
    [new Error('a text'), { code: 'internal' }],
    [Object.assign(new Error('x'), { code: 'a text of somebody' }), { code: 'internal' }],
    [Object.assign(new Error('x'), { name: 'a text of somebody' }), { code: 'internal' }],
    ['a text', { code: 'internal' }],
  ])('is our code and the system’s, and no word of it: %o', (error, fields) => {
    expect(errorFields(error)).toEqual(fields)
  })

  it('ends where errors go round in a circle', () => {
    const one = new Error('one')
    one.cause = one
    expect(systemCode(one)).toBeNull()
  })
})
