import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import type { Role } from '../../plugin/contract/role.ts'
import { checkFile, prepareFolder } from './private-folder.ts'

/** The roles, from least to most privileged. */
export const ROLES = ['viewer', 'member', 'admin', 'owner'] as const satisfies readonly Role[]

/** The stored record of a token; never contains the token itself. */
export type TokenRecord = {
  /** `key_` and the start of the digest: identifies the record, but does not reveal the token. */
  readonly id: string
  readonly org: string
  readonly user: string
  readonly role: Role
  /** The token of the environment is replaced when the environment names another one; the token of a page expires by itself. */
  readonly origin: 'minted' | 'environment' | 'page'
  /** SHA-256 in hex */
  readonly digest: string
  /** RFC 3339 */
  readonly created_at: string
  /** RFC 3339: the token is invalid from then on. If missing, it never expires; page tokens always expire. */
  readonly expires_at?: string
}

/** The token records of one folder. */
export type TokenRecords = {
  /** Null if there is no record or it is invalid: the token is then rejected. */
  find(id: string): TokenRecord | null
  list(): TokenRecord[]
  add(record: TokenRecord): void
  /** Returns whether a record with that id existed. */
  remove(id: string): boolean
}

const ID = /^key_[0-9a-f]{16}$/

/** Writes atomically: a reader never sees half a record, and a crash leaves none. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}.draft`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(draft, file)
}

const isEnd = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value))

function isRecord(value: unknown): value is TokenRecord {
  if (typeof value !== 'object' || value === null) return false
  const { id, org, user, role, origin, digest, expires_at: end } = value as Record<string, unknown>
  return (
    [id, org, user].every(field => typeof field === 'string') &&
    ROLES.some(known => known === role) &&
    (end === undefined ? origin !== 'page' : isEnd(end)) &&
    typeof digest === 'string' &&
    /^[0-9a-f]{64}$/.test(digest)
  )
}

function readRecord(file: string): TokenRecord | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

/**
 * Opens the records below a home folder, one file each: adding and removing are single steps, so two processes can do both at once
 * without losing each other's changes.
 * @throws StartRefused if the folder or a file in it is open to others.
 */
export function openTokenRecords(home: string): TokenRecords {
  const folder = join(home, 'tokens')
  prepareFolder(folder)
  const fileOf = (id: string): string => join(folder, `${id}.json`)
  const ids = (): string[] =>
    readdirSync(folder)
      .map(name => name.replace(/\.json$/, ''))
      .filter(id => ID.test(id))
  for (const id of ids()) checkFile(fileOf(id))
  return {
    find: id => readRecord(fileOf(id)),
    list: () =>
      ids()
        .flatMap(id => readRecord(fileOf(id)) ?? [])
        .sort((left, right) => left.created_at.localeCompare(right.created_at)),
    add: record => writeWhole(fileOf(record.id), `${JSON.stringify(record, null, 2)}\n`),
    remove(id) {
      const known = ids().includes(id)
      if (known) rmSync(fileOf(id), { force: true })
      return known
    },
  }
}
