import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { kindTable } from '../support/kind-rows.ts'
import { callTable } from './call-table.ts'
import { errorTable } from './error-table.ts'
import { settingTable } from './setting-table.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** The tables that are made of the code: where each stands, between `<!-- name -->` and `<!-- end of name -->`. */
export const TABLES: readonly { readonly file: string; readonly name: string; readonly make: () => string[] }[] = [
  { file: 'plugin/api/README.md', name: 'calls', make: callTable },
  { file: 'plugin/api/README.md', name: 'errors', make: errorTable },
  { file: 'plugin/api/kinds.md', name: 'kinds', make: kindTable },
  { file: 'plugin/config/README.md', name: 'settings', make: settingTable },
]

type Table = (typeof TABLES)[number]

/** A page with the table as it would be made now. @throws when the page has no place for it */
function pageWith({ file, name, make }: Table): {
  readonly path: string
  readonly before: string
  readonly now: string
} {
  const path = join(ROOT, file)
  const before = readFileSync(path, 'utf8')
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`${file} has no place for the table of ${name}`)
  const now = `${before.slice(0, from)}${begin}\n\n${make().join('\n')}\n\n${before.slice(to)}`
  return { path, before, now }
}

/** Whether a table is what the code makes of it now. */
export function isCurrent(table: Table): boolean {
  const { before, now } = pageWith(table)
  return before === now
}

/** Writes a table into its page. */
export function writeTable(table: Table): void {
  const { path, now } = pageWith(table)
  writeFileSync(path, now)
}
