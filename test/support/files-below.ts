import { type Dirent, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Everything below a folder; of a link only itself. */
export function entriesBelow(folder: string): Dirent[] {
  return entriesOf(folder).flatMap(each =>
    each.isDirectory() ? [each, ...entriesBelow(join(folder, each.name))] : [each],
  )
}

/** Every file below a folder, while a host is at work there: what it removes meanwhile is not there. */
export const filesBelow = (folder: string): string[] =>
  entriesBelow(folder)
    .filter(each => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** The plugin's database in the home of a host; null: there is none yet. */
export function databaseIn(home: string): string | null {
  const path = join(home, 'agentcy', 'plugins', 'whatsapp', 'whatsapp.db')
  return existsSync(path) ? path : null
}
