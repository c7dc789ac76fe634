import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { fine, type Finding, wrong } from './finding.ts'

const OTHERS = 0o077
const SHOWN_MOST = 3

/** A path that other users can open, and the command that closes it. */
type Fault = { readonly path: string; readonly mode: string; readonly fix: string }

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0')
const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

async function faultOf(path: string): Promise<Fault | null> {
  const stats = await lstat(path).catch((error: unknown) => {
    // A file that vanished since the listing is a temporary file of a running host.
    if (isGone(error)) return null
    throw error
  })
  if (!stats || stats.isSymbolicLink() || stats.isSocket()) return null
  const user = process.getuid?.()
  const mode = octal(stats.mode)
  if (user !== undefined && stats.uid !== user) return { path, mode, fix: `chown ${user} ${path}` }
  if ((stats.mode & OTHERS) === 0) return null
  return { path, mode, fix: `chmod ${stats.isDirectory() ? '700' : '600'} ${path}` }
}

/** Checks that no other user can open a home folder or anything in it: folders need mode 0700, files 0600. */
export async function checkModes(name: string, home: string): Promise<Finding> {
  const check = `modes of ${name}`
  try {
    const below = await readdir(home, { recursive: true, withFileTypes: true })
    const paths = [home, ...below.map(each => join(each.parentPath, each.name))]
    const faults = (await Promise.all(paths.map(faultOf))).filter(fault => fault !== null)
    if (faults.length === 0) return fine(check, `${home} and all ${paths.length} entries in it are private.`)
    const shown = faults.slice(0, SHOWN_MOST)
    const more = faults.length > SHOWN_MOST ? ` and ${faults.length - SHOWN_MOST} more` : ''
    const says = `Other users can open ${shown.map(({ path, mode }) => `${path} (${mode})`).join(', ')}${more}.`
    return wrong(check, says, `Run: ${shown.map(({ fix }) => fix).join('; ')}`)
  } catch (error) {
    if (isGone(error) && (error as NodeJS.ErrnoException).path === home)
      return fine(check, `${home} does not exist yet: the first start creates it.`)
    return wrong(
      check,
      `${home} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'Make this user its owner.',
    )
  }
}
