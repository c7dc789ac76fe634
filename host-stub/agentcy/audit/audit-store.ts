import { closeSync, constants, openSync } from 'node:fs'

import Sqlite from 'better-sqlite3'

import { checkFile, StartRefused } from '../private-folder.ts'
import { entryOf, type AuditEntry, type EntryRow, type NewEntryRow } from './audit-entry.ts'
import type { AuditFilters } from './audit-filters.ts'

/** The database file of the audit log. Every call is synchronous. */
export type AuditStore = {
  /**
   * Stores the entries in this order, in one commit that is on the disk when this returns. Each entry gets the next number of its
   * org, unless it is refused. Returns the error of each refused entry in its position, and null for each stored one.
   * @throws if no entry is stored.
   */
  append(rows: readonly NewEntryRow[]): (Error | null)[]
  /** The last number assigned; 0 if there is none. */
  lastSeq(org: string): number
  /** The lowest number that is stored; null if there is none. */
  firstSeq(org: string): number | null
  find(org: string, id: string): AuditEntry | null
  /** The entries after a number, in order. */
  after(org: string, seq: number, limit: number): AuditEntry[]
  /** The matching entries with numbers from `from` up to but not including `below`, newest first. Reads all entries in between. */
  between(org: string, stretch: Stretch): AuditEntry[]
  orgs(): string[]
  /**
   * Of the `most` oldest entries, deletes those before the first one that is not older than `before`. Returns how many it deleted.
   */
  removeOld(org: string, age: { readonly before: number; readonly most: number }): number
  close(): void
}

/** A range of entry numbers, and the filters for it. */
export type Stretch = {
  readonly from: number
  readonly below: number
  readonly filters: AuditFilters
  readonly limit: number
}

const VERSION = 1
const BUSY_TIMEOUT_MS = 5_000

/** The rules are part of the schema, so they also apply to other code that opens the file. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sequences (org TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS retention (one INTEGER PRIMARY KEY CHECK (one = 1), kept_from INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO retention VALUES (1, 0);
  CREATE TABLE IF NOT EXISTS entries (
    org TEXT NOT NULL,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    user_id TEXT,
    api_key_id TEXT,
    category TEXT NOT NULL,
    action TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('allow', 'deny')),
    resource TEXT NOT NULL CHECK (json_type(resource) = 'object'),
    rule TEXT,
    input TEXT NOT NULL CHECK (json_type(input) = 'object'),
    request_id TEXT NOT NULL,
    latency_ms INTEGER,
    PRIMARY KEY (org, seq)
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS entries_by_id ON entries (id);

  CREATE TRIGGER IF NOT EXISTS entries_follow BEFORE INSERT ON entries
  WHEN NEW.seq IS NOT 1 + coalesce((SELECT last FROM sequences WHERE org = NEW.org), 0)
    OR EXISTS (SELECT 1 FROM entries WHERE id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'the audit log is numbered without gaps'); END;
  CREATE TRIGGER IF NOT EXISTS entries_are_counted AFTER INSERT ON entries
  BEGIN INSERT INTO sequences VALUES (NEW.org, NEW.seq) ON CONFLICT (org) DO UPDATE SET last = excluded.last; END;
  CREATE TRIGGER IF NOT EXISTS entries_stay_as_they_are BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
  CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE DELETE ON entries
  WHEN OLD.at >= (SELECT kept_from FROM retention)
  BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
  CREATE TRIGGER IF NOT EXISTS numbers_go_on BEFORE UPDATE ON sequences
  WHEN NEW.org IS NOT OLD.org OR NEW.last IS NOT OLD.last + 1
  BEGIN SELECT RAISE(ABORT, 'the audit log is numbered without gaps'); END;
  CREATE TRIGGER IF NOT EXISTS numbers_stay BEFORE DELETE ON sequences
  BEGIN SELECT RAISE(ABORT, 'the audit log is numbered without gaps'); END;

  PRAGMA user_version = ${VERSION};
`

const COLUMNS = `org, seq, id, at, user_id AS userId, api_key_id AS apiKeyId, category, action, decision, resource, rule,
  input, request_id AS requestId, latency_ms AS latencyMs`

const INSERT = `
  INSERT INTO entries (org, seq, id, at, user_id, category, action, decision, resource, rule, input, request_id, latency_ms)
  VALUES (@org, 1 + coalesce((SELECT last FROM sequences WHERE org = @org), 0), @id, @at, @userId, @category, @action,
    @decision, @resource, @rule, @input, @requestId, @latencyMs)`

const BETWEEN = `
  SELECT ${COLUMNS} FROM entries
  WHERE org = @org AND seq >= @from AND seq < @below
    AND (@decision IS NULL OR decision = @decision)
    AND (@action IS NULL OR action = @action)
    AND (@connector IS NULL OR resource ->> '$.connector' = @connector)
    AND (@tool IS NULL OR resource ->> '$.tool' = @tool)
    AND (@userId IS NULL OR user_id = @userId)
    AND (@apiKeyId IS NULL OR api_key_id = @apiKeyId)
    AND (@sinceAt IS NULL OR at >= @sinceAt)
    AND (@untilAt IS NULL OR at < @untilAt)
  ORDER BY seq DESC LIMIT @limit`

// Deletes only from the beginning, so that the remaining entries have no gaps.
const REMOVE_OLD = `
  DELETE FROM entries WHERE org = @org AND seq < (
    SELECT coalesce(min(iif(at >= @before, seq, NULL)), max(seq) + 1)
    FROM (SELECT seq, at FROM entries WHERE org = @org ORDER BY seq LIMIT @most)
  )`

function openFile(file: string): Sqlite.Database {
  checkFile(file)
  closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600))
  const database = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    if ((database.pragma('user_version', { simple: true }) as number) > VERSION) {
      throw new StartRefused(`${file} was written by a newer host. Start that one.`)
    }
    database.pragma('journal_mode = WAL')
    // An action may follow as soon as its entry is stored, so a power cut must not lose the entry.
    database.pragma('synchronous = FULL')
    database.transaction(() => database.exec(SCHEMA)).immediate()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function opened(file: string): Sqlite.Database {
  try {
    return openFile(file)
  } catch (error) {
    if (error instanceof StartRefused) throw error
    const { code = 'it failed' } = error as NodeJS.ErrnoException
    throw new StartRefused(`${file}, the audit log, cannot be opened: ${code}. Repair it, or move it away and keep it.`)
  }
}

/** Inserts the rows one by one, so that a refused row does not affect the others. */
function inserting(database: Sqlite.Database): AuditStore['append'] {
  const insert = database.prepare<NewEntryRow>(INSERT)
  const insertAll = database.transaction((rows: readonly NewEntryRow[]) =>
    rows.map(row => {
      try {
        insert.run(row)
        return null
      } catch (error) {
        if (!database.inTransaction) throw error
        return error as Error
      }
    }),
  )
  return rows => insertAll.immediate(rows)
}

function removing(database: Sqlite.Database): AuditStore['removeOld'] {
  const setKeptFrom = database.prepare<number>('UPDATE retention SET kept_from = ?')
  const remove = database.prepare(REMOVE_OLD)
  const transaction = database.transaction((org: string, age: { before: number; most: number }) => {
    setKeptFrom.run(age.before)
    return remove.run({ org, ...age }).changes
  })
  return (org, age) => transaction.immediate(org, age)
}

/**
 * Opens the file, and creates it if it is missing.
 * @throws StartRefused if it is open to others, a link, or not a usable audit log.
 */
export function openAuditStore(file: string): AuditStore {
  const database = opened(file)
  const last = database.prepare<string, number>('SELECT last FROM sequences WHERE org = ?').pluck()
  const first = database.prepare<string, number | null>('SELECT min(seq) FROM entries WHERE org = ?').pluck()
  const find = database.prepare<string[], EntryRow>(`SELECT ${COLUMNS} FROM entries WHERE id = ? AND org = ?`)
  const after = database.prepare<[string, number, number], EntryRow>(
    `SELECT ${COLUMNS} FROM entries WHERE org = ? AND seq > ? ORDER BY seq LIMIT ?`,
  )
  const between = database.prepare<object, EntryRow>(BETWEEN)
  const orgs = database.prepare<[], string>('SELECT org FROM sequences').pluck()
  return {
    append: inserting(database),
    lastSeq: org => last.get(org) ?? 0,
    firstSeq: org => first.get(org) ?? null,
    find(org, id) {
      const row = find.get(id, org)
      return row ? entryOf(row) : null
    },
    after: (org, seq, limit) => after.all(org, seq, limit).map(entryOf),
    between: (org, { filters, ...stretch }) => between.all({ org, ...filters, ...stretch }).map(entryOf),
    orgs: () => orgs.all(),
    removeOld: removing(database),
    close: () => void database.close(),
  }
}
