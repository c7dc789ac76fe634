import Database from 'better-sqlite3'
import { initAuthCreds, proto, type AuthenticationCreds } from '@whiskeysockets/baileys'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

import { parseAccountName, parseOrgId, type AccountKey } from '../../../../plugin/contract/ids.ts'
import {
  discardStore,
  openSessionStore,
  type SessionStore,
  type StoreFault,
  type StorePlace,
} from '../../../../plugin/gateway/state/session-store.ts'
import { watchedDisk, watchedNames } from '../../../support/disk.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const ROOT = 'aa'.repeat(32)
const PAGE_BYTES = 4_096

async function home() {
  const folder = await temporaryFolder()
  const authFolder = join(folder.path, 'auth')
  const place: StorePlace = { authFolder, key: keyOf('org_local'), noiseRoot: ROOT }
  const path = join(authFolder, 'org_local', 'default.sqlite')
  return { place, path, authFolder, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

function keyOf(org: string, account = 'default'): AccountKey {
  const [orgId, name] = [parseOrgId(org), parseAccountName(account)]
  if (!orgId || !name) throw new Error('not a name')
  return { org: orgId, account: name }
}

function opened(place: StorePlace): SessionStore {
  const store = openSessionStore(place)
  if ('reason' in store) throw new Error(`${store.reason}: ${store.detail}`)
  return store
}

function fault(place: StorePlace): StoreFault {
  const store = openSessionStore(place)
  if ('reason' in store) return store
  store.close()
  throw new Error('the file was accepted')
}

const login = (): AuthenticationCreds => ({
  ...initAuthCreds(),
  me: { id: '4915112345678:1@s.whatsapp.net', lid: '55501:1@lid' },
})

/** A file with a login and keys in it, closed. */
function paired(place: StorePlace): AuthenticationCreds {
  const store = opened(place)
  const creds = login()
  store.replaceLogin(creds, { session: { '1.0': { ratchet: 'kept' } as never } })
  store.close()
  return creds
}

describe("an account's file", () => {
  it('is made 0600 in 0700 and holds no login at first', async () => {
    await using at = await home()
    const store = opened(at.place)
    expect(store.creds()).toBeNull()
    const mode = (path: string) => statSync(path).mode & 0o777
    expect([mode(at.path), mode(join(at.authFolder, 'org_local')), mode(at.authFolder)]).toEqual([0o600, 0o700, 0o700])
    store.close()
  })

  it('gives login and keys back as they were', async () => {
    await using at = await home()
    const creds = paired(at.place)
    const store = opened(at.place)
    expect(store.creds()).toEqual(creds)
    store.keys.write({
      'pre-key': { 1: { public: Buffer.from('public'), private: Buffer.from('private') } },
      'app-state-sync-key': { key: { keyData: Buffer.from('state') } },
      'lid-mapping': { 972500000001: '77701' },
    })
    expect(await store.keys.get('session', ['1.0', '2.0'])).toEqual({ '1.0': { ratchet: 'kept' } })
    expect(await store.keys.get('pre-key', ['1'])).toEqual({
      1: { public: Buffer.from('public'), private: Buffer.from('private') },
    })
    const { key } = await store.keys.get('app-state-sync-key', ['key'])
    expect(key).toBeInstanceOf(proto.Message.AppStateSyncKeyData)
    store.keys.write({ session: { '1.0': null } })
    expect(await store.keys.get('session', ['1.0'])).toEqual({})
    store.close()
  })

  it('keeps all of a set of keys or none of it', async () => {
    await using at = await home()
    const store = opened(at.place)
    const unwritable = {
      toJSON: () => {
        throw new Error('not to be written')
      },
    }
    const changes = { session: { '1.0': { ratchet: 'new' } as never }, 'sender-key': { bad: unwritable as never } }
    expect(() => store.keys.write(changes)).toThrow('not to be written')
    expect(await store.keys.get('session', ['1.0'])).toEqual({})
    store.close()
  })

  it('replaces login and keys together', async () => {
    await using at = await home()
    paired(at.place)
    const store = opened(at.place)
    const next = login()
    store.replaceLogin(next, { 'identity-key': { 9: Buffer.from('identity') } })
    store.close()
    const again = opened(at.place)
    expect(again.creds()).toEqual(next)
    expect(await again.keys.get('session', ['1.0'])).toEqual({})
    expect(await again.keys.get('identity-key', ['9'])).toEqual({ 9: Buffer.from('identity') })
    again.close()
  })

  it('is on the disk, private and written with a log, before it has its name, and its name is there then', async () => {
    await using at = await home()
    using files = watchedNames()
    opened(at.place).close()
    expect(files.steps.slice(0, 3)).toEqual([
      'default.sqlite.draft',
      'default.sqlite.draft → default.sqlite',
      'org_local',
    ])
    expect(statSync(at.path).mode & 0o777).toBe(0o600)
    // It is changed into nothing else when it is first opened (sqlite.org/fileformat2, "File change counter").
    expect(readFileSync(at.path).readUInt32BE(24)).toBe(0)
  })

  it('has a login on the disk before anybody learns that it was kept', async () => {
    await using at = await home()
    await using disk = watchedDisk()
    const store = opened(at.place)
    const before = disk.flushes
    store.replaceLogin(login(), {})
    expect(disk.flushes).toBe(before + 1)
    store.saveCreds(login())
    expect(disk.flushes).toBe(before + 2)
    store.close()
  })

  it('keeps none of the message keys that only we ourselves could need, and all that others could', async () => {
    await using at = await home()
    const store = opened(at.place)
    const state = (signingKey: string) => ({
      senderKeyId: 1,
      senderChainKey: { iteration: 4, seed: Buffer.from('seed') },
      senderSigningKey: { public: Buffer.from('public'), private: Buffer.from(signingKey) },
      senderMessageKeys: [{ iteration: 1, seed: Buffer.from('skipped') }],
    })
    const record = (signingKey: string) => Buffer.from(JSON.stringify([state(signingKey)]))
    store.keys.write({ 'sender-key': { ours: record('private'), theirs: record('') } })
    const { ours, theirs } = await store.keys.get('sender-key', ['ours', 'theirs'])
    const keysIn = (kept: Uint8Array | undefined) => JSON.parse(Buffer.from(kept ?? []).toString())[0].senderMessageKeys
    expect(keysIn(ours)).toEqual([])
    expect(keysIn(theirs)).toHaveLength(1)
    store.close()
  })

  it('has one owner at a time', async () => {
    await using at = await home()
    const store = opened(at.place)
    expect(fault(at.place).reason).toBe('busy')
    store.close()
    opened(at.place).close()
  })

  it('is read from end to end when it is opened, but for one that nobody has touched since it was closed here', async () => {
    await using at = await home()
    opened(at.place).close()
    const pragma = vi.spyOn(Database.prototype, 'pragma')
    const checks = (open: () => void): number => {
      pragma.mockClear()
      open()
      return pragma.mock.calls.filter(([what]) => what.startsWith('quick_check')).length
    }
    const openAndClose = (): void => opened(at.place).close()
    expect([checks(openAndClose), checks(openAndClose)]).toEqual([0, 0])
    chmodSync(at.path, 0o600)
    expect([checks(openAndClose), checks(openAndClose)]).toEqual([1, 0])
    const bytes = readFileSync(at.path)
    writeFileSync(at.path, bytes.fill(0x5a, bytes.length - PAGE_BYTES))
    expect(checks(() => expect(fault(at.place).reason).toBe('state_unreadable'))).toBe(1)
    expect(checks(() => expect(fault(at.place).reason).toBe('state_unreadable'))).toBe(1)
    pragma.mockRestore()
  })

  it('is refused under another network root, and left as it is', async () => {
    await using at = await home()
    const creds = paired(at.place)
    const before = readFileSync(at.path)
    const elsewhere = { ...at.place, noiseRoot: 'bb'.repeat(32) }
    const refused = fault(elsewhere)
    expect(refused.reason).toBe('other_network')
    expect(() => discardStore(elsewhere, refused)).toThrow()
    expect(readFileSync(at.path)).toEqual(before)
    const store = opened(at.place)
    expect(store.creds()).toEqual(creds)
    store.close()
  })

  it.each<[string, (path: string) => void]>([
    ['empty', path => truncateSync(path, 0)],
    ['cut short', path => truncateSync(path, 4096)],
    ['something else', path => writeFileSync(path, 'not a database, but long enough to be taken for one '.repeat(20))],
    ['without its login', path => edit(path, "DELETE FROM meta WHERE name = 'creds'")],
    ['with a torn login', path => edit(path, "UPDATE meta SET value = substr(value, 1, 90) WHERE name = 'creds'")],
    ['with a login of nobody', path => edit(path, "UPDATE meta SET value = '{}' WHERE name = 'creds'")],
  ])('is refused, and left as it is, when it is %s', async (_name, damage) => {
    await using at = await home()
    paired(at.place)
    damage(at.path)
    const before = readFileSync(at.path)
    expect(fault(at.place)).toMatchObject({ reason: 'state_unreadable' })
    expect(fault(at.place).detail).toContain(at.path)
    expect(readFileSync(at.path)).toEqual(before)
  })

  it('of a newer version is refused, and left as it is by whoever asks to remove it', async () => {
    await using at = await home()
    paired(at.place)
    edit(at.path, 'PRAGMA user_version = 99')
    const before = readFileSync(at.path)
    const refused = fault(at.place)
    expect(refused).toMatchObject({ reason: 'state_unsafe', detail: expect.stringContaining(at.path) as string })
    expect(() => discardStore(at.place, refused)).toThrow()
    expect(readFileSync(at.path)).toEqual(before)
  })

  it('is removed by the one who asks for it, when it cannot be read', async () => {
    await using at = await home()
    paired(at.place)
    truncateSync(at.path, 0)
    discardStore(at.place, fault(at.place))
    expect(existsSync(at.path)).toBe(false)
    const store = opened(at.place)
    expect(store.creds()).toBeNull()
    store.close()
  })
})

describe('a place that others could reach', () => {
  it.each<[string, (at: { path: string; authFolder: string }) => string, RegExp]>([
    ['a file others may read', ({ path }) => changed(path, 0o644), /mode 0644; it must be 0600/],
    [
      'a folder others may enter',
      ({ authFolder }) => changed(join(authFolder, 'org_local'), 0o755),
      /mode 0755; it must be 0700/,
    ],
    ['a read-only folder', ({ authFolder }) => changed(authFolder, 0o500), /mode 0500; it must be 0700/],
    ['a link to a file', ({ path }) => linked(path), /symbolic link/],
    ['a link to a folder', ({ authFolder }) => linked(join(authFolder, 'org_local')), /symbolic link/],
    ['a folder in the place of the file', ({ path }) => replacedByFolder(path), /is not a file/],
  ])('is refused by path and mode: %s', async (_name, spoil, sentence) => {
    await using at = await home()
    paired(at.place)
    const spoilt = spoil(at)
    const refused = fault(at.place)
    expect(refused).toMatchObject({ reason: 'state_unsafe' })
    expect(refused.detail).toMatch(sentence)
    expect(refused.detail).toContain(spoilt)
    if (spoilt === at.authFolder) chmodSync(spoilt, 0o700)
  })

  it('is refused when its owner is somebody else', async context => {
    if (process.getuid?.() !== 0) context.skip('only root can give a file away')
    await using at = await home()
    paired(at.place)
    const { chownSync } = await import('node:fs')
    chownSync(at.path, 12_345, 12_345)
    expect(fault(at.place).detail).toMatch(/belongs to user 12345/)
  })

  it('is refused by path when it cannot be reached', async () => {
    await using at = await home()
    const occupied = join(at.authFolder, '..', 'occupied')
    writeFileSync(occupied, '')
    const refused = fault({ ...at.place, authFolder: join(occupied, 'auth') })
    expect(refused).toMatchObject({ reason: 'state_unsafe' })
    expect(refused.detail).toMatch(/occupied.* cannot be made in a folder of mode 0[0-7]{3} \(ENOTDIR\)/)
  })

  it('is never shared by two names that differ only in case', async () => {
    await using at = await home()
    paired(at.place)
    for (const key of [keyOf('ORG_LOCAL'), keyOf('org_local', 'Default')]) {
      expect(fault({ ...at.place, key })).toMatchObject({ reason: 'state_unsafe' })
    }
    expect(existsSync(join(at.authFolder, 'org_local', 'Default.sqlite'))).toBe(false)
  })
})

function edit(path: string, sql: string): void {
  const database = new Database(path)
  database.exec(sql)
  database.close()
}

function changed(path: string, mode: number): string {
  chmodSync(path, mode)
  return path
}

function linked(path: string): string {
  renameSync(path, `${path}.real`)
  symlinkSync(`${path}.real`, path)
  return path
}

function replacedByFolder(path: string): string {
  renameSync(path, `${path}.real`)
  mkdirSync(path, { mode: 0o700 })
  return path
}
