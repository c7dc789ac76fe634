import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

/** What each source imports, both by their paths from the root of the project. Who only names types counts as well. */
export type Imports = ReadonlyMap<string, readonly string[]>

const IMPORT = /(?:^|\n)(?:import|export)\s(?:[^'";]*?\sfrom\s+)?'(\.[^']+)'|\bimport\('(\.[^']+)'\)/g

/** What a source imports by a relative path. */
export function importedBy(file: string, source: string): string[] {
  const named = [...source.matchAll(IMPORT)].flatMap(([, fixed, later]) => fixed ?? later ?? [])
  return [...new Set(named.map(path => normalize(join(dirname(file), path))))]
}

/** All imports between the sources below a place, by paths from `root`. */
export function importsBelow(root: string, place: string): Imports {
  const files = readdirSync(join(root, place), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .toSorted()
  const known = new Set(files)
  const of = (file: string): string[] =>
    importedBy(file, readFileSync(join(root, file), 'utf8')).filter(other => known.has(other))
  return new Map(files.map(file => [file, of(file)]))
}
