import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

import { keptStatements } from '../../../../plugin/store/sql/statements.ts'

function opened() {
  const sqlite = new Sqlite(':memory:')
  const database = keptStatements(sqlite)
  database.prepare('create table sends (id integer primary key, status text)').run([])
  return { database, [Symbol.dispose]: () => sqlite.close() }
}

describe('the changes that are counted', () => {
  it.each([
    ['a row that is inserted', "insert into sends (status) values ('queued')", 1],
    ['a row that is inserted and answered', "insert into sends (status) values ('queued') returning id", 1],
    ['rows that are updated', "update sends set status = 'sent'", 2],
    ['rows that are updated and answered', "update sends set status = 'sent' returning id", 2],
    ['rows that are deleted', 'delete from sends', 2],
    ['an insert that is in conflict', 'insert or ignore into sends (id) values (1)', 0],
    ['an update of nothing', "update sends set status = 'sent' where id = 7", 0],
    ['a query', 'select * from sends', 0],
    ['the beginning of a transaction', 'begin', 0],
  ])('%s', (_what, sql, changes) => {
    using at = opened()
    at.database.prepare("insert into sends (id, status) values (1, 'queued'), (2, 'queued')").run([])
    const before = at.database.changes()
    const statement = at.database.prepare(sql)
    if (statement.reader) statement.all([])
    else statement.run([])
    expect(at.database.changes() - before).toBe(changes)
    expect(at.database.prepare(sql)).toBe(statement)
  })
})
