import Database from 'better-sqlite3'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { BufferJSON, proto, type AuthenticationCreds, type SignalDataSet } from '@whiskeysockets/baileys'

import { ChannelError } from '../../contract/errors/errors.ts'
import { openFlush, type Flush } from '../../files/flush.ts'
import type { AccountKey } from '../../contract/ids.ts'
import { ensurePrivateFolder, privacyFault } from '../../files/private-path.ts'
import { SCHEMA, SCHEMA_VERSION, migrate } from './account-schema.ts'
import { isAsClosed, noteClosed } from './intact-files.ts'
import { withoutOwnMessageKeys } from '../tables/sender-keys.ts'
import type { StoredKeys } from '../tables/stored-keys.ts'

/** Why an account's file is not used. `busy`: another process has it open. */
export type StoreFault = {
  readonly reason: 'state_unreadable' | 'state_unsafe' | 'other_network' | 'busy'
  readonly detail: string
}

/** The file of one account while this process owns it: login, Signal keys, journal. */
export type SessionStore = {
  readonly database: Database.Database
  /** Every commit outlives the process; once flushed, it also outlives a power cut. */
  readonly flush: Flush
  /** The login in the file; null when there is none. */
  readonly creds: () => AuthenticationCreds | null
  /** The login is on the disk when it returns. */
  readonly saveCreds: (creds: AuthenticationCreds) => void
  readonly keys: StoredKeys
  /** Replaces the old login and all its keys by a new login, in one transaction that is on the disk when it returns. */
  readonly replaceLogin: (creds: AuthenticationCreds, keys: SignalDataSet) => void
  readonly close: () => void
  /** Closes the file and deletes it. */
  readonly destroy: () => void
}

/** Where an account's file is, and of which network it may hold a login. */
export type StorePlace = { readonly authFolder: string; readonly key: AccountKey; readonly noiseRoot: string }

type Row = { readonly value: string }

/**
 * Opens the account's file, creates it if there is none, and keeps it locked until it is closed. A file that cannot be trusted is
 * returned as a fault and left as it is: an unreadable file is never replaced by a new identity.
 */
export function openSessionStore(place: StorePlace): SessionStore | StoreFault {
  const path = pathOf(place)
  const unsafe = placeFault(place, path)
  if (unsafe) return { reason: 'state_unsafe', detail: unsafe }
  let database: Database.Database | null = null
  try {
    if (!existsSync(path)) createFile(path)
    if (statSync(path).size === 0) return unreadable(path)
    const isIntact = isAsClosed(path)
    database = new Database(path, { fileMustExist: true, timeout: 0 })
    claim(database)
    const fault = contentFault(database, { ...place, path, isIntact })
    if (!fault) {
      migrate(database)
      const store = sessionStore(database, path, place.noiseRoot)
      store.creds()
      return store
    }
    database.close()
    return fault
  } catch (error) {
    database?.close()
    return faultOf(error, path)
  }
}

/**
 * Deletes a file that cannot be read, which only a person may ask for. Any other file may be somebody's login and stays.
 * @throws ChannelError for any other fault.
 */
export function discardStore(place: StorePlace, fault: StoreFault): void {
  if (fault.reason !== 'state_unreadable') throw new ChannelError('account_stopped', fault.detail)
  removeFiles(pathOf(place))
}

const pathOf = ({ authFolder, key }: StorePlace): string => join(authFolder, key.org, `${key.account}.sqlite`)

function removeFiles(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true })
}

/** The fault of the file's place, if any. Names that differ only in case would share a folder on some file systems. */
function placeFault({ authFolder, key }: StorePlace, path: string): string | null {
  const folder = dirname(path)
  const fault = ensurePrivateFolder(authFolder) ?? twinFault(authFolder, key.org)
  if (fault) return fault
  const inner = ensurePrivateFolder(folder) ?? twinFault(folder, `${key.account}.sqlite`)
  if (inner) return inner
  return [path, `${path}-wal`].map(file => privacyFault(file, 'file')).find(found => found !== null) ?? null
}

function twinFault(folder: string, name: string): string | null {
  const twin = readdirSync(folder).find(found => found !== name && found.toLowerCase() === name.toLowerCase())
  return twin === undefined ? null : `${join(folder, twin)} differs from ${name} only in case. Use another name.`
}

const unreadable = (path: string): StoreFault => ({
  reason: 'state_unreadable',
  detail: `${path} cannot be read as the file of an account. It was left as it is: restore it, or unlink and pair again.`,
})

/** An error of the file itself makes it unreadable; any other error is about its place, or about who else has it open. */
function faultOf(error: unknown, path: string): StoreFault {
  const code = String((error as NodeJS.ErrnoException).code)
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return { reason: 'busy', detail: 'Another process has the file of this account open. Stop it.' }
  }
  const isPlace = /^(E[A-Z]+|SQLITE_(CANTOPEN|IOERR|FULL|READONLY|PERM|AUTH).*)$/.test(code)
  return isPlace ? { reason: 'state_unsafe', detail: `${path} cannot be opened (${code}).` } : unreadable(path)
}

/** In the exclusive locking mode, the lock of the first read is kept for as long as the connection lives. */
function claim(database: Database.Database): void {
  database.pragma('locking_mode = EXCLUSIVE')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
}

/**
 * Where a file says that it uses a write-ahead log, and the number that says so (sqlite.org/fileformat2, "File Format Version
 * Numbers").
 */
const VERSIONS_AT = [18, 19] as const
const WITH_LOG = 2

let made: Buffer | null = null

/** The file of an account without any data. It is made once, since each of its tables takes time. */
function newFile(): Buffer {
  made ??= make()
  return made
}

function make(): Buffer {
  const database = new Database(':memory:')
  database.exec(SCHEMA)
  const file = database.serialize()
  database.close()
  for (const at of VERSIONS_AT) file[at] = WITH_LOG
  return file
}

/** Creates the file beside its place and then renames it, so that an empty file is never taken for a new account. */
function createFile(path: string): void {
  const draft = `${path}.draft`
  removeFiles(draft)
  writeFileSync(draft, newFile(), { mode: 0o600 })
  syncPath(draft)
  renameSync(draft, path)
  syncPath(dirname(path))
}

function syncPath(path: string): void {
  const opened = openSync(path, 'r')
  fsyncSync(opened)
  closeSync(opened)
}

type Content = Pick<StorePlace, 'noiseRoot'> & {
  readonly path: string
  /** Whether the file is known to be intact, and need not be checked. */
  readonly isIntact: boolean
}

function contentFault(database: Database.Database, { path, noiseRoot, isIntact }: Content): StoreFault | null {
  const version = database.pragma('user_version', { simple: true })
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    return {
      reason: 'state_unsafe',
      detail: `${path} was written by a newer version of the plugin. Update the plugin.`,
    }
  }
  const isKnown = typeof version === 'number' && version >= 1 && version <= SCHEMA_VERSION
  if (!isKnown || !(isIntact || database.pragma('quick_check(1)', { simple: true }) === 'ok')) return unreadable(path)
  const root = metaOf(database, 'noise_root')
  if (root !== null && root !== noiseRoot) {
    return {
      reason: 'other_network',
      detail:
        'The account was paired under another WhatsApp network. Start the host on that one, or use another account.',
    }
  }
  const login = metaOf(database, 'creds')
  const hasKeys = database.prepare('SELECT EXISTS (SELECT 1 FROM keys)').pluck().get() === 1
  return login === null && hasKeys ? unreadable(path) : null
}

const metaOf = (database: Database.Database, name: string): string | null =>
  database.prepare<[string], Row>('SELECT value FROM meta WHERE name = ?').get(name)?.value ?? null

function sessionStore(database: Database.Database, path: string, noiseRoot: string): SessionStore {
  const saveMeta = database.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)')
  const keys = keyStore(database)
  const changes = database.prepare<[], number>('SELECT total_changes()').pluck()
  const flush = openFlush(path, () => changes.get() ?? 0)
  const writeCreds = (creds: AuthenticationCreds): void => {
    saveMeta.run('creds', JSON.stringify(creds, BufferJSON.replacer))
  }
  const writeLogin = database.transaction((creds: AuthenticationCreds, next: SignalDataSet) => {
    database.exec('DELETE FROM keys')
    writeCreds(creds)
    saveMeta.run('noise_root', noiseRoot)
    keys.write(next)
  })
  const close = (): void => {
    database.close()
    flush.close()
    noteClosed(path)
  }
  return {
    database,
    flush,
    keys,
    saveCreds: creds => {
      writeCreds(creds)
      flush.flushNow()
    },
    creds: () => readCreds(metaOf(database, 'creds')),
    replaceLogin: (creds, next) => {
      writeLogin(creds, next)
      flush.flushNow()
    },
    close,
    destroy: () => {
      close()
      removeFiles(path)
    },
  }
}

function readCreds(text: string | null): AuthenticationCreds | null {
  if (text === null) return null
  const creds = JSON.parse(text, BufferJSON.reviver) as AuthenticationCreds
  const whole = creds.noiseKey?.private.length === 32 && creds.signedIdentityKey?.private.length === 32 && creds.me?.id
  if (!whole) throw new Error('the login is not whole')
  return creds
}

/** Baileys' keys. Each `write` is one transaction. */
function keyStore(database: Database.Database): StoredKeys {
  const find = database.prepare<[string, string], Row>('SELECT value FROM keys WHERE type = ? AND id = ?')
  const put = database.prepare('INSERT OR REPLACE INTO keys (type, id, value) VALUES (?, ?, ?)')
  const drop = database.prepare('DELETE FROM keys WHERE type = ? AND id = ?')
  const write = database.transaction((changes: SignalDataSet): void => {
    for (const [type, entries] of Object.entries(changes)) {
      for (const [id, value] of Object.entries(entries)) {
        if (value === null || value === undefined) drop.run(type, id)
        else put.run(type, id, written(type, value))
      }
    }
  })
  return {
    get: (type, ids) => {
      const found: Record<string, never> = {}
      for (const id of ids) {
        const row = find.get(type, id)
        if (row) found[id] = readKey(type, row.value) as never
      }
      return found
    },
    write,
  }
}

/** libsignal writes its sessions without bytes, so they need neither replacer nor reviver, which cost most of the time. */
const isPlain = (type: string): boolean => type === 'session'

function written(type: string, value: unknown): string {
  if (isPlain(type)) return JSON.stringify(value)
  const kept = type === 'sender-key' && value instanceof Uint8Array ? withoutOwnMessageKeys(value) : value
  return JSON.stringify(kept, BufferJSON.replacer)
}

function readKey(type: string, text: string): unknown {
  if (isPlain(type)) return JSON.parse(text)
  const value: unknown = JSON.parse(text, BufferJSON.reviver)
  return type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value as object) : value
}
