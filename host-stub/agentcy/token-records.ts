import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import type { Role } from '../../plugin/contract/role.ts'
import { checkFile, prepareFolder } from './home.ts'

/** The roles, from the one that may least. */
export const ROLES = ['viewer', 'member', 'admin', 'owner'] as const satisfies readonly Role[]

/** What is kept of a token: never the token itself. */
export type TokenRecord = {
  /** `key_` and the start of the digest: it finds the record, and the token cannot be had from it. */
  readonly id: string
  readonly org: string
  readonly user: string
  readonly role: Role
  /** The environment's one is replaced when the environment names another; a page's one ends by itself. */
  readonly origin: 'minted' | 'environment' | 'page'
  /** SHA-256 in hex */
  readonly digest: string
  /** RFC 3339 */
  readonly created_at: string
  /** RFC 3339: from then on it opens nothing. Left out: it has no end, which a page's one never is. */
  readonly expires_at?: string
}

/** The records of one folder. */
export type TokenRecords = {
  /** Null when there is none, or none that can be understood: that token then opens nothing. */
  find(id: string): TokenRecord | null
  list(): TokenRecord[]
  add(record: TokenRecord): void
  /** Whether there was one of that id. */
  remove(id: string): boolean
}

const ID = /^key_[0-9a-f]{16}$/

/** Whole or not at all: a reader never sees half a record, and a crash leaves none. */
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
 * Opens the records below a home folder, one file each: adding and removing are then single steps that two processes can
 * take at once without losing one another's.
 * @throws StartRefused when the folder or a file in it is open to others.
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
