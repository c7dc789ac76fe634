import { chmodSync, closeSync, constants, openSync } from 'node:fs'

import Sqlite from 'better-sqlite3'
import { Kysely, Migrator, SqliteAdapter, SqliteDialect } from 'kysely'

import { StoreClock } from './clock.ts'
import { migrations } from './migrations.ts'
import { idsFollow } from './row-id.ts'
import type { Schema } from './schema.ts'

const BUSY_TIMEOUT_MS = 5_000

/** What a query runs on: the database itself, or a transaction of it. */
export type Connection = Kysely<Schema>

/** The plugin's one database. Everything that must hold together is written in one {@link Store.transaction}. */
export class Store {
  readonly connection: Connection
  readonly clock: StoreClock

  constructor(connection: Connection) {
    this.connection = connection
    this.clock = new StoreClock(work => connection.transaction().execute(work))
  }

  /** Commits what `work` wrote when it resolves, and nothing when it throws. Only `transaction` may be used inside. */
  async transaction<Result>(work: (transaction: Connection) => Promise<Result>): Promise<Result> {
    await this.clock.settle()
    return this.connection.transaction().execute(work)
  }

  close(): Promise<void> {
    return this.connection.destroy()
  }
}

/** Opens the database file, made and brought to the present schema when needed. A link in its place is refused. */
export async function openStore(file: string): Promise<Store> {
  closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600))
  chmodSync(file, 0o600)
  const sqlite = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS })
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  const dialect = new SqliteDialect({ database: sqlite })
  // Kysely leaves it out for SQLite, and half a schema is one that no later start could go on from.
  const transactional = { value: true }
  dialect.createAdapter = () => Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', transactional)
  const connection = new Kysely<Schema>({ dialect })
  try {
    const { error } = await new Migrator({ db: connection, provider: migrations }).migrateToLatest()
    if (error) throw error
    const store = new Store(connection)
    await store.clock.open()
    await goOnAfterIds(connection)
    return store
  } catch (error) {
    await connection.destroy()
    throw error
  }
}

/** Messages and turns are in the order of their ids, also when the clock was set back since the last process. */
async function goOnAfterIds(connection: Connection): Promise<void> {
  for (const table of ['messages', 'turns'] as const) {
    const row = await connection
      .selectFrom(table)
      .select(({ fn }) => fn.max('id').as('newest'))
      .executeTakeFirst()
    if (row?.newest) idsFollow(row.newest)
  }
}
