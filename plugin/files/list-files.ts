import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The paths of all below a folder that is no folder itself. A link is one of them, and what it leads to is not: `readdirSync` with
 * `recursive` and `withFileTypes` goes on there, from Node 22 on.
 */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? listFiles(path) : [path]
  })
}
