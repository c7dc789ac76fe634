import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { kindTable } from '../support/kind-rows.ts'
import { callTable } from './call-table.ts'
import { errorTable } from './error-table.ts'
import { withCalls } from './manifest-calls.ts'
import { settingTable } from './setting-table.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** A part of a file that is made of the code: what it is, and the file as it would be made now. */
type Generated = {
  readonly file: string
  readonly name: string
  readonly now: (before: string) => string
}

/** A table that stands between `<!-- name -->` and `<!-- end of name -->`. */
const table = (file: string, name: string, make: () => string[]): Generated => ({
  file,
  name,
  now: before => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
    const [from, to] = [before.indexOf(begin), before.indexOf(end)]
    if (from === -1 || to < from) throw new Error(`${file} has no place for the table of ${name}`)
    return `${before.slice(0, from)}${begin}\n\n${make().join('\n')}\n\n${before.slice(to)}`
  },
})

/** All that is made of the code. */
export const TABLES: readonly Generated[] = [
  table('plugin/api/README.md', 'calls', callTable),
  table('plugin/api/README.md', 'errors', errorTable),
  table('plugin/api/kinds.md', 'kinds', kindTable),
  table('plugin/config/README.md', 'settings', settingTable),
  { file: 'manifest.json', name: 'calls', now: withCalls },
]

const read = ({ file }: Generated): string => readFileSync(join(ROOT, file), 'utf8')

/** Whether it is what the code makes of it now. */
export function isCurrent(part: Generated): boolean {
  const before = read(part)
  return before === part.now(before)
}

/** Writes it into its file. */
export function writeTable(part: Generated): void {
  writeFileSync(join(ROOT, part.file), part.now(read(part)))
}
