import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import Sqlite from 'better-sqlite3'
import { Kysely, Migrator, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'

import { openStore } from '../../plugin/store/database.ts'
import { migrations } from '../../plugin/store/migrations/migrations.ts'
import { startsWithDays } from '../../plugin/store/deletion/old-messages.ts'
import { startGateway, type RunningGateway } from '../support/gateway.ts'
import { startHost } from '../support/host-process.ts'
import { isText, messageIn } from '../support/journal-entries.ts'
import { townsInTurn } from '../support/journal-town.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const nextTown = townsInTurn()

const MESSAGE = 'msg_01J00000000000000000000000'
const ANSWER = 'msg_01J00000000000000000000001'
const TURN = 'trn_01J00000000000000000000000'

/** What stands in the tables of each version. */
const WRITTEN: Record<string, string> = {
  '0001-first': `
    INSERT INTO accounts VALUES ('o', 'a', 'Desk', '+972500000001', 5, 4);
    INSERT INTO confirmations VALUES ('o', 'a', '+972500000001', 5);
    INSERT INTO cursors VALUES ('o', 'a', 7);
    INSERT INTO sequences VALUES ('o', 2);
    INSERT INTO bindings VALUES ('bnd_1', 'o', 'echo', '{}', 1, 3);
    INSERT INTO people VALUES ('per_1', 'o', 'a', '111', '+972500000002');
    INSERT INTO messages VALUES ('${MESSAGE}', 'o', 'a', 1, 'inbound', 'per_1', 'per_1', NULL, 'S', '', 0, 'Alice',
      '{"kind":"text","text":"x"}', 0, NULL, 'failed', 'bnd_1', 1, 1);
    INSERT INTO messages VALUES ('${ANSWER}', 'o', 'a', 2, 'outbound', 'per_1', 'per_1', NULL, 'T', '', 1, NULL,
      '{"kind":"text","text":"y"}', 0, NULL, 'sent', NULL, 2, 2);
    INSERT INTO turns VALUES ('${TURN}', 'o', 'a', '${MESSAGE}', 'per_1', 'echo', 'req_1', 'failed', 'internal', 1, 2);
    INSERT INTO sends VALUES ('snd_1', 'o', 'a', '${ANSWER}', 'per_1', 1, 'T', '{}', x'0a0178', 'accepted', NULL, 2);
    INSERT INTO idempotency_keys VALUES ('o', 'key', 'hash', 'snd_1', 2);`,
  '0002-attempts': `INSERT INTO steps VALUES ('${TURN}', 0, 1, 'lookup', 'read', 'hash', 'done', '"result"');`,
  '0003-deliveries': `
    INSERT INTO send_changes VALUES ('o', 1, 'snd_1', 'accepted', NULL, 2);
    INSERT INTO send_sequences VALUES ('o', 1);
    INSERT INTO allowances VALUES ('o', 'a', '+972500000001', 5, NULL);`,
  '0004-binding-changes': `INSERT INTO binding_changes VALUES ('o', 1);`,
  '0005-lookups': '',
  '0006-time-locks': `INSERT INTO time_locks VALUES ('o', 'a', '+972500000001', 5);`,
  '0007-attachments': `
    INSERT INTO attachments VALUES ('${MESSAGE}', 'o', 'a', 'f', 'image', NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL);`,
  '0008-remarks': '',
  '0009-binding-versions': '',
  '0010-judgements': '',
  '0011-approvals': `
    INSERT INTO approvals VALUES ('apr_1', 'o', '${TURN}', 1, 'x.y', 'write', '{}', 'hash', 'why', 'usr_1', 'pending', NULL, 2, 3,
      NULL, NULL, NULL);
    INSERT INTO approval_prompts VALUES ('snd_1', 'apr_1');`,
  '0012-conversations': '',
  '0013-last-received': '',
  '0014-taken': '',
  '0015-numbers': '',
  '0016-decisions': '',
  '0017-send-pages': '',
  '0018-evidence': '',
  '0019-rejections': '',
  '0020-web-versions': `INSERT INTO web_versions VALUES ('root', '2.3000.1043857760', 5);`,
  '0021-contacts': `
    INSERT INTO contacts VALUES ('o', 'a', '+5511987654321', '+551187654321', 5);
    INSERT INTO lookups VALUES ('o', 'a', '+5511987654321', 5);`,
  '0022-quotes': '',
  '0023-takeovers': `INSERT INTO takeovers VALUES ('o', 'a', 'per_1', 5, NULL, 'owner', 0);`,
  '0024-message-keys': '',
  '0025-claims': '',
  '0026-backlog-holds': '',
  '0027-loops': `INSERT INTO loops VALUES ('o', 'a', 'per_1', 'same_text', 5, 3);`,
  '0028-gatherings': '',
  '0029-disappearing': 'UPDATE messages SET expires_in = 60, forget_at = 253402300799000;',
  '0030-fair-files': '',
  '0031-retention': 'UPDATE people SET first_contact_at = 1, last_contact_at = 2, wrote_at = 2;',
  '0032-suspensions': 'UPDATE bindings SET suspended_at = 5;',
  '0033-revision-limit': '',
  '0034-turn-failures': 'UPDATE turns SET began_at = 5;',
  '0035-group-subjects': `INSERT INTO group_subjects VALUES ('o', 'a', '120363000000000001@g.us', 5, 'Family');`,
  '0036-approval-answers': `UPDATE approvals SET answer = 'approved', answered_by = 'usr_2';`,
  '0037-waiting-indexes': '',
}
const versions = Object.keys(WRITTEN)

type Rows = Record<string, Record<string, unknown>[]>

function rowsIn(file: string): Rows {
  using database = disposable(file)
  const tables = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  const kept = tables.filter(name => !/^(kysely|sqlite)_/.test(name))
  return Object.fromEntries(kept.map(name => [name, database.prepare(`SELECT * FROM ${name}`).all()])) as Rows
}

const disposable = (file: string) => {
  const database = new Sqlite(file)
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() })
}

/** A database as the plugin of that version left it. */
async function writeDatabase(file: string, version: string): Promise<void> {
  const database = new Sqlite(file)
  database.pragma('journal_mode = WAL')
  const connection = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) })
  const migrator = new Migrator({ db: connection, provider: migrations })
  for (const each of versions.slice(0, versions.indexOf(version) + 1)) {
    const { error } = await migrator.migrateTo(each)
    if (error) throw error
    database.exec(WRITTEN[each] ?? '')
  }
  await connection.destroy()
}

/** What has another word in later versions. */
const renamed = (value: unknown): unknown => (value === 'failed' ? 'dead_letter' : value)

describe('F64: a database of an older version', () => {
  it('that has messages goes on keeping them for ever until somebody chooses', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'whatsapp.db')
    await writeDatabase(file, '0030-fair-files')
    const store = await openStore(file)
    expect(await startsWithDays(store.connection)).toBe(0)
    await store.close()
  })

  it('is any of those that there were', async () => {
    expect(Object.keys(await migrations.getMigrations())).toEqual(versions)
  })

  it.each(versions)('%s is brought to the present one with every row that was in it', async version => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'whatsapp.db')
    await writeDatabase(file, version)
    const before = rowsIn(file)
    await (await openStore(file)).close()
    const after = rowsIn(file)
    for (const [table, rows] of Object.entries(before)) {
      const meant = rows.map(row =>
        Object.fromEntries(Object.entries(row).map(([key, value]) => [key, renamed(value)])),
      )
      expect(rows.length, table).toBeGreaterThan(0)
      expect(after[table], table).toMatchObject(meant)
    }
    await (await openStore(file)).close()
    expect(rowsIn(file)).toEqual(after)
  })
})

describe('what was said before conversations were kept', () => {
  it('is found in them: replies with what they answer, and nothing that was taken back', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'whatsapp.db')
    await writeDatabase(file, '0010-judgements')
    {
      using database = disposable(file)
      const [reply, sent, revoke] = ['2', '3', '4'].map(last => MESSAGE.slice(0, -1) + last)
      const kept =
        database.prepare(`INSERT INTO messages (id, org, account, seq, direction, chat_key, sender_id, stanza_id,
        edits, from_me, content, mentioned, outcome, sent_at, received_at)
        VALUES (?, 'o', 'a', ?, ?, 'per_1', 'per_1', ?, '', 0, ?, 0, ?, 1, 1)`)
      const text = '{"kind":"text","text":"z"}'
      kept.run(reply, 3, 'outbound', 'R', text, 'sent')
      kept.run(sent, 4, 'outbound', 'P', text, 'sent')
      kept.run(revoke, 5, 'inbound', 'V', '{"kind":"revoke","target":"S"}', 'ignored: revoke')
      kept.run(MESSAGE.slice(0, -1) + '5', 6, 'outbound', 'D', `{"kind":"delete","target":{"stanzaId":"T"}}`, 'sent')
      const send = database.prepare(`INSERT INTO sends (id, org, account, message_id, chat_key, seq, stanza_id, content,
        status, accepted_at) VALUES (?, 'o', 'a', ?, 'per_1', ?, ?, '{}', 'sent', 2)`)
      send.run(TURN.replace('trn', 'snd') + '_0', reply, 3, 'R')
      send.run('snd_01J00000000000000000000009_2', sent, 4, 'P')
    }
    await (await openStore(file)).close()
    const ties = rowsIn(file)['messages']?.map(row => [row['stanza_id'], row['answers'], row['changed_by']])
    expect(ties).toEqual([
      ['S', null, MESSAGE.slice(0, -1) + '4'],
      ['T', null, MESSAGE.slice(0, -1) + '5'],
      ['R', MESSAGE, null],
      ['P', null, null],
      ['V', null, null],
      ['D', null, null],
    ])
  })
})

/** A database that a later version has changed in its own way. */
async function writeNewerDatabase(file: string): Promise<Buffer> {
  await writeDatabase(file, versions.at(-1) ?? '')
  using database = disposable(file)
  database.exec(`ALTER TABLE turns RENAME COLUMN status TO state;
    INSERT INTO kysely_migration VALUES ('0999-later', '2030-01-01T00:00:00.000Z')`)
  database.pragma('wal_checkpoint(TRUNCATE)')
  return readFileSync(file)
}

describe('F64: a database of a newer version', () => {
  it('is refused by name and left as it is', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'whatsapp.db')
    const before = await writeNewerDatabase(file)
    await expect(openStore(file)).rejects.toMatchObject({
      code: 'state_newer',
      message: expect.stringContaining(file) as string,
    })
    expect(readFileSync(file)).toEqual(before)
  })

  it('ends the start of the host with one sentence', async () => {
    await using folder = await temporaryFolder()
    const home = folder.path
    {
      await using first = await startHost({ home })
      expect(await first.kill('SIGTERM')).toBe(0)
    }
    const file = join(home, 'agentcy', 'plugins', 'whatsapp', 'whatsapp.db')
    using database = disposable(file)
    database.exec("INSERT INTO kysely_migration VALUES ('0999-later', '2030-01-01T00:00:00.000Z')")
    database.close()
    const before = readFileSync(file)
    const refusal = await startHost({ home }).catch((error: Error) => error.message)
    expect(refusal).toContain('the host ended with 1')
    expect(refusal).toMatch(/written by a newer version of the plugin.* Update the plugin/)
    expect(refusal).not.toMatch(/\n\s+at /)
    expect(readFileSync(file)).toEqual(before)
  })
})

const changeFile = ({ file }: RunningGateway, sql: string): void => {
  using database = disposable(file)
  database.exec(sql)
  database.pragma('wal_checkpoint(TRUNCATE)')
}

/** What later versions added to the eighth, the seventh, the sixth, and those before. */
const FORGETTING = ['journal', 'sent', 'polls', 'files', 'secrets', 'unopened']
  .map(table => `DROP INDEX ${table}_by_forget; ALTER TABLE ${table} DROP COLUMN forget_at;`)
  .join(' ')
const TIMERS = `${FORGETTING} DROP TABLE chat_timers;`
const SECRETS = `${TIMERS} DROP TABLE secrets; DROP TABLE unopened;`
const LATER = `${SECRETS} DROP TABLE key_holders; DROP TABLE recoveries;`
const WITHOUT_ADDRESSES = `${LATER} DROP TABLE peer_addresses;
  ALTER TABLE sent DROP COLUMN mode; ALTER TABLE sent DROP COLUMN refusal;`
const OLDER = {
  first: `${WITHOUT_ADDRESSES} ALTER TABLE sent DROP COLUMN chat;
    DROP TABLE polls; DROP TABLE files; DROP TABLE stanzas; DROP TABLE plaintexts; DROP TABLE tally; DROP TABLE retries; PRAGMA user_version = 1;`,
  second: `${WITHOUT_ADDRESSES} DROP TABLE polls; DROP TABLE files; ALTER TABLE sent DROP COLUMN chat; PRAGMA user_version = 2;`,
  third: `${WITHOUT_ADDRESSES} DROP TABLE polls; DROP TABLE files; PRAGMA user_version = 3;`,
  fourth: `${WITHOUT_ADDRESSES} PRAGMA user_version = 4;`,
  fifth: `${LATER} PRAGMA user_version = 5;`,
  sixth: `${SECRETS} PRAGMA user_version = 6;`,
  seventh: `${TIMERS} PRAGMA user_version = 7;`,
  eighth: `${FORGETTING} PRAGMA user_version = 8;`,
}

describe("F64: an account's file", () => {
  it(
    'of each older version is opened with its login, its sessions and what it had to hand over',
    { timeout: 120_000 },
    async () => {
      await using town = await nextTown()
      const { network, stateFolder, owner, alice } = town
      let { gateway } = town
      try {
        for (const [version, change] of Object.entries(OLDER)) {
          await alice.says(`before the ${version}`, { to: owner })
          const before = await messageIn(gateway, isText(`before the ${version}`))
          await gateway.supervisor.stop()
          changeFile(gateway, change)
          await alice.says(`meanwhile, the ${version}`, { to: owner })

          gateway = await startGateway({ network, stateFolder, org: gateway.account.org })
          await gateway.open()
          await gateway.connection('connected')
          expect(await messageIn(gateway, isText(`before the ${version}`)), version).toEqual(before)
          await messageIn(gateway, isText(`meanwhile, the ${version}`))
          const ledger = await network.ledger()
          expect([version, ledger.pairings.length, ledger.undecryptable]).toEqual([version, 1, []])
        }
      } finally {
        await gateway.supervisor.stop()
      }
    },
  )

  it('of a newer version stops the account and is left as it is, also by whoever wants to unlink or pair', async () => {
    await using town = await nextTown()
    const { network, stateFolder, gateway } = town
    await gateway.supervisor.stop()
    changeFile(gateway, 'ALTER TABLE meta RENAME TO facts; PRAGMA user_version = 99;')
    const [before, logins] = [readFileSync(gateway.file), (await network.ledger()).logins.length]

    await using next = await startGateway({ network, stateFolder, org: gateway.account.org })
    const state = await next.open()
    expect(state).toMatchObject({ status: 'stopped', reason: 'state_unsafe', permanent: true })
    expect(state.status === 'stopped' && state.detail).toMatch(/written by a newer version of the plugin/)
    const refused = { code: 'account_stopped' }
    await expect(next.supervisor.call('account.unlink', next.account)).rejects.toMatchObject(refused)
    const pairing = next.supervisor.call('pairing.start', { ...next.account, session: 'qrs_9' })
    await expect(pairing).rejects.toMatchObject(refused)
    expect(readFileSync(gateway.file)).toEqual(before)
    expect((await network.ledger()).logins).toHaveLength(logins)
    expect(next.readyTimes()).toBe(1)
  })
})
