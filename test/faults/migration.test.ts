import { execFile } from 'node:child_process'
import { copyFile, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import Sqlite from 'better-sqlite3'
import { Kysely, Migrator, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'

import { openStore } from '../../plugin/store/database.ts'
import { migrations } from '../../plugin/store/migrations/migrations.ts'
import { crashEnvironment, readCrossings, writePlan } from '../support/crash-plan.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const STORE = new URL('../../dist/plugin/store/database.js', import.meta.url).href
const OPENING = `const { openStore } = await import('${STORE}'); await (await openStore(process.argv[1])).close()`
const MESSAGE = 'msg_01J00000000000000000000000'
const TURN = 'trn_01J00000000000000000000000'
const run = promisify(execFile)

/** A process that opens the store and is killed at its n-th boundary; false when it crossed fewer. */
async function diesOpening(folder: string, file: string, n: number): Promise<boolean> {
  const crossings = await mkdtemp(join(folder, 'crossings-'))
  writePlan(crossings, { host: [n] })
  const env = { ...crashEnvironment(crossings, 'host'), PATH: process.env['PATH'] }
  const opening = run(process.execPath, ['--input-type=module', '-e', OPENING, file], { env })
  const signal = await opening.then(
    () => null,
    (error: { signal: string | null }) => error.signal,
  )
  expect(signal).toBe(readCrossings(crossings).deaths.length === 0 ? null : 'SIGKILL')
  return signal !== null
}

const openOnce = async (file: string): Promise<void> => (await openStore(file)).close()

function schemaOf(file: string): unknown[] {
  const database = new Sqlite(file, { readonly: true })
  try {
    return database.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all()
  } finally {
    database.close()
  }
}

/** A database of the first version, with a turn that failed. */
async function makeOld(file: string): Promise<void> {
  const database = new Sqlite(file)
  const connection = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) })
  await new Migrator({ db: connection, provider: migrations }).migrateTo('0001-first')
  database.exec(`INSERT INTO people (id, org, account) VALUES ('per_1', 'o', 'a');
    INSERT INTO messages (id, org, account, seq, direction, chat_key, sender_id, stanza_id, edits, from_me, content,
      mentioned, outcome, sent_at, received_at)
      VALUES ('${MESSAGE}', 'o', 'a', 1, 'inbound', 'per_1', 'per_1', 'S', '', 0, '{}', 0, 'failed', 1, 1);
    INSERT INTO turns (id, org, account, message_id, chat_key, agent, request_id, status, queued_at)
      VALUES ('${TURN}', 'o', 'a', '${MESSAGE}', 'per_1', 'echo', 'req_1', 'failed', 1)`)
  await connection.destroy()
}

describe('F64: killed, at each boundary in turn,', () => {
  it('while it makes its database, the next start goes on', async () => {
    await using folder = await temporaryFolder()
    const whole = join(folder.path, 'whole.db')
    await openOnce(whole)
    for (let n = 1, died = true; died; n += 1) {
      const file = join(folder.path, `${n}.db`)
      died = await diesOpening(folder.path, file, n)
      await openOnce(file)
      expect(schemaOf(file)).toEqual(schemaOf(whole))
    }
  })

  it('while it brings an older database to the present schema, the next start goes on, with all that was in it', async () => {
    await using folder = await temporaryFolder()
    const [whole, old] = [join(folder.path, 'whole.db'), join(folder.path, 'old.db')]
    await makeOld(old)
    await copyFile(old, whole)
    await openOnce(whole)
    for (let n = 1, died = true; died; n += 1) {
      const file = join(folder.path, `${n}.db`)
      await copyFile(old, file)
      died = await diesOpening(folder.path, file, n)
      const opened = await openStore(file)
      const turns = await opened.connection.selectFrom('turns').select(['id', 'status']).execute()
      await opened.close()
      expect(turns).toEqual([{ id: TURN, status: 'dead_letter' }])
      expect(schemaOf(file)).toEqual(schemaOf(whole))
    }
  })
})
