import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The paths of everything below a folder that is not a folder itself. A link is listed, but not followed: `readdirSync` with
 * `recursive` and `withFileTypes` follows links, from Node 22 on.
 */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? listFiles(path) : [path]
  })
}
