import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

import { fine, type Finding, wrong } from './finding.ts'

const GIB = 2 ** 30
/** Ten times the largest file that WhatsApp carries. */
const LEAST_BYTES = GIB

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

/** Free space on the disk of the path, or of its nearest existing parent folder. */
async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch (error) {
    if (!isMissing(error)) throw error
    return freeBytes(dirname(path))
  }
}

/** Checks that the disk of a home folder has enough free space. */
export async function checkDisk(name: string, home: string): Promise<Finding> {
  const check = `disk of ${name}`
  try {
    const free = await freeBytes(home)
    const says = `${(free / GIB).toFixed(1)} GiB are free on the disk of ${home}.`
    return free >= LEAST_BYTES ? fine(check, says) : wrong(check, says, 'Free space: a full disk stops the channel.')
  } catch (error) {
    return wrong(check, `${home} cannot be reached (${codeOf(error)}).`, `Set ${name} to a folder of this user.`)
  }
}
