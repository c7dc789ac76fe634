import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The paths of all below a folder. What a link leads to is not below it: `readdir` with `recursive` and `withFileTypes` goes on
 * there, from Node 22 on.
 */
export async function pathsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const paths = entries.map(async entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? [path, ...(await pathsBelow(path).catch(nothingWhereGone))] : [path]
  })
  return (await Promise.all(paths)).flat()
}

/** A folder that was there a moment ago is a draft of a host that runs. */
function nothingWhereGone(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
  throw error
}
