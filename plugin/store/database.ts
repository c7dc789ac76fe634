import { chmodSync, closeSync, constants, openSync } from 'node:fs'

import Sqlite from 'better-sqlite3'
import { Kysely, Migrator, SqliteAdapter, SqliteDialect } from 'kysely'

import { ChannelError } from '../contract/errors/errors.ts'
import { systemCode } from '../contract/errors/error-fields.ts'
import { openFlush, type Flush } from '../files/flush.ts'
import type { Connection } from './sql/connection.ts'
import { keepChangedTurns, type TurnKey } from './sql/turn-changes.ts'
import { StoreClock } from './sql/clock.ts'
import { nextDisappearance } from './deletion/disappeared.ts'
import { migrations } from './migrations/migrations.ts'
import { tryToWrite } from './sql/probe.ts'
import { overwriteFor } from './sql/overwrite.ts'
import { idsFollow } from './sql/row-id.ts'
import type { Schema } from './sql/schema.ts'
import { keptStatements } from './sql/statements.ts'

const BUSY_TIMEOUT_MS = 5_000

/** The database rejects writes: the error code of SQLite or the system, and since when; ms UTC. */
export type StoreRefusal = { readonly cause: string; readonly since: number }

/**
 * The error codes of SQLite and the system for a disk that rejects writes; any other error is a bug of ours. A lock held by another
 * process (BUSY, LOCKED) is left out: each retry would block the event loop until its timeout.
 */
const REFUSED = /^(SQLITE_(FULL|IOERR|READONLY|CORRUPT|NOTADB|CANTOPEN)|ENOSPC$|EDQUOT$|EIO$|EROFS$|EFBIG$)/

/** The plugin's one database. Read with `connection`; do all writes in a {@link Store.transaction}. */
export class Store {
  readonly connection: Connection
  readonly #changes: () => number
  readonly #flush: Flush
  #commits = 0
  #refusal: StoreRefusal | null = null
  #tellTurns: (changed: readonly TurnKey[]) => void = () => undefined
  readonly clock: StoreClock

  /** `file`: path of the database. `changes`: returns how many rows have been changed so far. */
  constructor(connection: Connection, file: string, changes: () => number) {
    this.connection = connection
    this.clock = new StoreClock(work => this.#committed(work))
    this.#changes = changes
    // Counts commits only: a flush does not cover the changes of an open transaction.
    this.#flush = openFlush(file, () => this.#commits)
    this.#flush.flushNow()
  }

  /**
   * Runs `work`; commits its writes when it resolves, and rolls back when it throws. Inside `work`, use only `transaction`. Other
   * readers see the writes before this method resolves. Once it resolves, the writes survive a power cut.
   */
  async transaction<Result>(work: (transaction: Connection) => Promise<Result>): Promise<Result> {
    await this.clock.settle()
    return this.#committed(work)
  }

  /** Why the database rejects writes now; null if it accepts them, as far as is known. */
  get refusal(): StoreRefusal | null {
    return this.#refusal
  }

  /** After a refusal, tries whether the database accepts writes again. Never throws. */
  async retry(): Promise<void> {
    if (this.#refusal) await this.#committed(tryToWrite).catch(() => undefined)
  }

  /** Registers the callback that gets the turns whose status a transaction changed, once the transaction is durable. */
  onTurnsChanged(tell: (changed: readonly TurnKey[]) => void): void {
    this.#tellTurns = tell
  }

  async close(): Promise<void> {
    await this.connection.destroy()
    this.#flush.close()
  }

  async #committed<Result>(work: (transaction: Connection) => Promise<Result>): Promise<Result> {
    let before = 0
    let after = 0
    let turns: readonly TurnKey[] = []
    try {
      const result = await this.connection.transaction().execute(async transaction => {
        before = this.#changes()
        turns = keepChangedTurns(transaction)
        const worked = await work(transaction)
        after = this.#changes()
        return worked
      })
      if (after !== before) this.#commits += 1
      await this.#flush.flushed()
      if (after !== before) this.#refusal = null
      if (turns.length > 0) this.#tellTurns(turns)
      return result
    } catch (error) {
      this.#refused(error)
      throw error
    }
  }

  #refused(error: unknown): void {
    const cause = systemCode(error)
    if (cause === null || !REFUSED.test(cause)) return
    this.#refusal = { cause, since: this.#refusal?.since ?? Date.now() }
  }
}

/**
 * Opens the database file; creates it and migrates its schema if needed. Refuses a symbolic link.
 * @throws ChannelError `state_newer` for a file of a newer version, which is left as it is.
 */
export async function openStore(file: string): Promise<Store> {
  closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600))
  chmodSync(file, 0o600)
  const sqlite = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    await refuseNewer(sqlite, file)
  } catch (error) {
    sqlite.close()
    throw error
  }
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = NORMAL')
  sqlite.pragma('foreign_keys = ON')
  const database = keptStatements(sqlite)
  const dialect = new SqliteDialect({ database })
  // Kysely turns this off for SQLite. Without it, a failed migration leaves half a schema that no later start can continue from.
  const transactional = { value: true }
  dialect.createAdapter = () => Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', transactional)
  const driver = dialect.createDriver()
  const rollback = driver.rollbackTransaction.bind(driver)
  // SQLite rolls back by itself on some errors, such as a full disk. A second rollback would throw and hide the error.
  driver.rollbackTransaction = async transaction => {
    if (sqlite.inTransaction) await rollback(transaction)
  }
  dialect.createDriver = () => driver
  const connection = new Kysely<Schema>({ dialect })
  try {
    const { error } = await new Migrator({ db: connection, provider: migrations }).migrateToLatest()
    if (error) throw error
    const store = new Store(connection, file, database.changes)
    await store.clock.open()
    await goOnAfterIds(connection)
    await overwriteFor(connection, await nextDisappearance(connection, Number.MIN_SAFE_INTEGER))
    return store
  } catch (error) {
    await connection.destroy()
    throw error
  }
}

/** Refuses a file with a migration that this version does not have: a newer version wrote it, and its contents are unknown. */
async function refuseNewer(sqlite: Sqlite.Database, file: string): Promise<void> {
  const isMigrated = sqlite.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'").get()
  if (!isMigrated) return
  const known = await migrations.getMigrations()
  const applied = sqlite.prepare<[], string>('SELECT name FROM kysely_migration').pluck().all()
  if (applied.every(name => name in known)) return
  throw new ChannelError('state_newer', `${file} was written by a newer version of the plugin. Update the plugin.`)
}

/** Keeps ids of new messages and turns above the stored ones, even if the clock was set back since the last process. */
async function goOnAfterIds(connection: Connection): Promise<void> {
  for (const table of ['messages', 'turns'] as const) {
    const row = await connection
      .selectFrom(table)
      .select(({ fn }) => fn.max('id').as('newest'))
      .executeTakeFirst()
    if (row?.newest) idsFollow(row.newest)
  }
}
