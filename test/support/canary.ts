import { readFileSync } from 'node:fs'

import type Sqlite from 'better-sqlite3'

import { filesBelow } from './files-below.ts'

/** Every form in which words could lie in a file: as they are, in UTF-16, in hex, and in base64 from each of its three beginnings. */
export function formsOf(words: string | Uint8Array): Buffer[] {
  const bytes = Buffer.from(words)
  const base64 = [0, 1, 2].map(offset => {
    const coded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // What stands beside it changes the letters at both ends.
    return coded.slice(offset === 0 ? 0 : 4, -4)
  })
  const wide = typeof words === 'string' ? [Buffer.from(words, 'utf16le'), Buffer.from(words, 'utf16le').swap16()] : []
  const written = [...base64, ...base64.map(coded => coded.replaceAll('+', '-').replaceAll('/', '_'))]
  return [bytes, ...wide, ...[...written, bytes.toString('hex')].map(text => Buffer.from(text))]
}

/** The files below these folders in which words lie, in whichever form. */
export function filesWith(words: string | Uint8Array, ...folders: readonly string[]): string[] {
  const forms = formsOf(words)
  return folders.flatMap(folder =>
    filesBelow(folder).filter(path => {
      const bytes = bytesOf(path)
      return forms.some(form => bytes.includes(form))
    }),
  )
}

/** A file that a host has removed meanwhile has nothing in it. */
function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** The columns of every table of a database, but those of the migrations. */
export function columnsOf(database: Sqlite.Database): Record<string, string[]> {
  const tables = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
    .pluck()
    .all()
  return Object.fromEntries(
    tables
      .filter(table => !table.startsWith('kysely_'))
      .map(table => [table, (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name)]),
  )
}

/** The columns in which words stand, as `table.column`. */
export function placesWith(words: string, database: Sqlite.Database): string[] {
  return Object.entries(columnsOf(database)).flatMap(([table, columns]) =>
    columns
      .filter(column =>
        database
          .prepare(`SELECT 1 FROM ${table} WHERE instr(CAST("${column}" AS BLOB), CAST(? AS BLOB)) > 0`)
          .get(words),
      )
      .map(column => `${table}.${column}`),
  )
}
