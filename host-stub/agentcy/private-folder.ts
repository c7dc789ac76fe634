import { type Stats, lstatSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Why the host does not start, as a sentence for a person, who has to fix it. */
export class StartRefused extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'StartRefused'
  }
}

const OTHERS = 0o077
const octal = (mode: number): string => `0${(mode & 0o777).toString(8)}`

const stateOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })

function refuseUnlessOurs(path: string, stats: Stats): void {
  if (stats.isSymbolicLink()) throw new StartRefused(`${path} is a symbolic link. Name the real place instead.`)
  const uid = process.getuid?.()
  if (uid !== undefined && stats.uid !== uid) {
    throw new StartRefused(
      `${path} belongs to the user with id ${stats.uid}, and this is ${uid}. Give it to this user.`,
    )
  }
}

/**
 * Refuses a path below a folder that anybody may write to: such users could replace what is in the folder, unless its sticky bit is
 * set.
 */
function refuseBelowOpenFolders(path: string): void {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stats = stateOf(folder)
    const isOpen = stats?.isDirectory() === true && (stats.mode & 0o002) !== 0 && (stats.mode & 0o1000) === 0
    if (isOpen)
      throw new StartRefused(
        `${folder} may be written into by anybody, and ${path} is below it. Run: chmod o-w ${folder}`,
      )
    if (folder === dirname(folder)) return
  }
}

/**
 * Creates a folder that only this user may open, or checks that an existing one is private (reliability.md F20). Its content is
 * worth a WhatsApp login, so an open folder is refused and not quietly closed: somebody may have read it already.
 * @throws StartRefused with the path and its mode.
 */
export function prepareFolder(path: string): void {
  refuseBelowOpenFolders(path)
  const stats = stateOf(path)
  if (!stats) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return
  }
  refuseUnlessOurs(path, stats)
  if (!stats.isDirectory()) throw new StartRefused(`${path} is not a folder. Move it away.`)
  if ((stats.mode & OTHERS) !== 0) {
    throw new StartRefused(`${path} has mode ${octal(stats.mode)}, so others may open it. Run: chmod 700 ${path}`)
  }
  if ((stats.mode & 0o700) !== 0o700) {
    throw new StartRefused(`${path} has mode ${octal(stats.mode)}, so it cannot be used. Run: chmod 700 ${path}`)
  }
}

/**
 * Checks that a file, if it exists, belongs to this user and is private.
 * @throws StartRefused with the path and its mode.
 */
export function checkFile(path: string): void {
  const stats = stateOf(path)
  if (!stats) return
  refuseUnlessOurs(path, stats)
  if (!stats.isFile()) throw new StartRefused(`${path} is not a file. Move it away.`)
  if ((stats.mode & OTHERS) !== 0) {
    throw new StartRefused(`${path} has mode ${octal(stats.mode)}, so others may read it. Run: chmod 600 ${path}`)
  }
}
