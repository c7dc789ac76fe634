import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

import { AuditLog } from '../../../host-stub/agentcy/audit/audit-log.ts'
import { ORG_A, ORG_B } from '../../support/api.ts'
import { everything, ids, openedLog, requestsOf, seqsOf, upTo } from '../../support/audit.ts'
import { keptLog } from '../../support/host.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const WRITER = fileURLToPath(new URL('../../support/audit-writer.mjs', import.meta.url))

/** The file of a log, opened by somebody else. */
const fileOf = ({ home }: { home: string }) => {
  const database = new Sqlite(join(home, 'audit.db'))
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() })
}

describe("the audit log's file", () => {
  it.each([
    ['changed', "UPDATE entries SET decision = 'allow'", /only added to/],
    ['taken out', 'DELETE FROM entries WHERE seq = 2', /only added to/],
    ['taken out at the end', 'DELETE FROM entries WHERE seq = 3', /only added to/],
    ['replaced', 'INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE seq = 2', /without gaps/],
    ['put in its place', 'UPDATE OR REPLACE entries SET seq = 1 WHERE seq = 2', /only added to/],
    [
      'added with a gap',
      "INSERT INTO entries SELECT org, 5, 'aud_x', at, user_id, api_key_id, category, action, decision, resource, rule, input, request_id, latency_ms FROM entries WHERE seq = 2",
      /without gaps/,
    ],
    [
      'added as the first of an org with another number than 1',
      "INSERT INTO entries SELECT 'org_new', 2, 'aud_x', at, user_id, api_key_id, category, action, decision, resource, rule, input, request_id, latency_ms FROM entries WHERE seq = 2",
      /without gaps/,
    ],
    [
      'added twice',
      'INSERT OR REPLACE INTO entries SELECT org, 4, id, at, user_id, api_key_id, category, action, decision, resource, rule, input, request_id, latency_ms FROM entries WHERE seq = 2',
      /without gaps/,
    ],
    ['numbered anew', 'UPDATE sequences SET last = 1', /without gaps/],
    ['forgotten', 'DELETE FROM sequences', /without gaps/],
  ])('lets no entry be %s, whoever has it open', async (_what, statement, sentence) => {
    await using log = await openedLog()
    await log.tell(ORG_A, ids('a', 3), { decision: 'deny' })
    const before = log.all(ORG_A)
    using file = fileOf(log)
    expect(() => file.exec(statement)).toThrow(sentence)
    expect(log.all(ORG_A)).toEqual(before)
    await log.tell(ORG_A, ['next'])
    expect(log.all(ORG_A).at(-1)).toMatchObject({ seq: 4 })
  })

  it('is open to nobody else', async () => {
    await using log = await openedLog()
    await log.tell(ORG_A, ['one'])
    for (const name of ['audit.db', 'audit.db-wal', 'audit.db-shm']) {
      expect((await stat(join(log.home, name))).mode & 0o777, name).toBe(0o600)
    }
  })

  it.each<[string, (file: string) => Promise<unknown>, RegExp]>([
    ['is a link', file => symlink('/dev/null', file), /audit\.db is a symbolic link/],
    ['is a link to nothing', file => symlink(`${file}-elsewhere`, file), /audit\.db is a symbolic link/],
    ['is open to others', file => writeFile(file, '').then(() => chmod(file, 0o640)), /audit\.db has mode 0640/],
    ['is a folder', file => mkdir(file, { mode: 0o700 }), /audit\.db is not a file/],
    [
      'is no database',
      file => writeFile(file, 'no database'.repeat(100), { mode: 0o600 }),
      /audit\.db, the audit log, cannot be opened: SQLITE_NOTADB/,
    ],
    [
      'is of a newer host',
      async file => {
        await writeFile(file, '', { mode: 0o600 })
        new Sqlite(file).exec('PRAGMA user_version = 2').close()
      },
      /written by a newer host/,
    ],
  ])('that %s is not opened', async (_what, make, sentence) => {
    await using folder = await temporaryFolder()
    await make(join(folder.path, 'audit.db'))
    const open = () => new AuditLog({ home: folder.path, environment: {}, log: keptLog().log })
    expect(open).toThrow(sentence)
    expect(open).toThrow(expect.objectContaining({ name: 'StartRefused' }))
  })
})

type Told = { readonly outcome: string; readonly org: string; readonly id: string }

/** A process that tells a log without end. */
function writerIn(home: string, prefix = 'req_') {
  const child = spawn(process.execPath, [WRITER, home, prefix], { stdio: ['ignore', 'pipe', 'inherit'] })
  const told: Told[] = []
  const lines = createInterface({ input: child.stdout })
  const gone = new Promise(resolve => lines.once('close', resolve))
  let look = (): void => undefined
  lines.on('line', line => {
    const [outcome = '', org = '', id = ''] = line.split(' ')
    told.push({ outcome, org, id })
    look()
  })
  return {
    pid: child.pid,
    told,
    /** Resolves when so many have come out like this. */
    until: (outcome: string, count: number) =>
      new Promise<void>(resolve => {
        const from = told.length
        look = () => {
          if (told.slice(from).filter(each => each.outcome === outcome).length >= count) resolve()
        }
      }),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** What is kept of each org has no gaps, is in order, and holds all that was called kept. */
function expectWhole(home: string, told: readonly Told[]): void {
  const audit = new AuditLog({ home, environment: {}, log: keptLog().log })
  try {
    for (const org of [ORG_A, ORG_B]) {
      const entries = everything(audit, org)
      expect(seqsOf(entries)).toEqual(upTo(entries.length))
      const kept = requestsOf(entries)
      expect(kept).toEqual(kept.toSorted())
      const acknowledged = told.filter(each => each.org === org && each.outcome === 'kept').map(({ id }) => id)
      expect(acknowledged.length).toBeGreaterThan(20)
      expect(kept).toEqual(expect.arrayContaining(acknowledged))
      const refused = told.filter(each => each.org === org && each.outcome === 'refused').map(({ id }) => id)
      expect(kept.filter(id => refused.includes(id))).toEqual([])
    }
  } finally {
    audit.close()
  }
}

describe('an audit log in a process', () => {
  it('that is killed while it is told holds all that it called kept, without gaps', async () => {
    await using folder = await temporaryFolder()
    const told: Told[] = []
    for (const prefix of ['req_1_', 'req_2_']) {
      const writer = writerIn(folder.path, prefix)
      await writer.until('kept', 100)
      await writer.kill()
      told.push(...writer.told)
      expectWhole(folder.path, told)
    }
  })

  it('whose disk is full refuses what it is told, and goes on without a gap when there is room', async () => {
    await using folder = await temporaryFolder()
    const writer = writerIn(folder.path)
    const limitFiles = (size: string) =>
      promisify(execFile)('prlimit', ['--pid', String(writer.pid), `--fsize=${size}:unlimited`])
    await writer.until('kept', 100)
    await limitFiles('1')
    await writer.until('refused', 20)
    await limitFiles('unlimited')
    await writer.until('kept', 100)
    await writer.kill()
    expectWhole(folder.path, writer.told)
  })
})
