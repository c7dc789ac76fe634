import { existsSync, lstatSync, mkdirSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'

/** What may hold the state of an account: a folder with mode 0700 or a file with mode 0600, owned by us, and no link. */
export type PrivateKind = 'folder' | 'file'

const MODES = { folder: 0o700, file: 0o600 } as const

/**
 * Why the folder or file at `path` is not private, as a sentence for a person that names the path and its mode. null if it is
 * private, or does not exist. Both the supervisor and the gateway check this (reliability.md F20).
 */
export function privacyFault(path: string, kind: PrivateKind): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats) return null
  const mode = octal(stats.mode)
  if (stats.isSymbolicLink()) return `${path} (mode ${mode}) is a symbolic link. Put the ${kind} itself there.`
  if (!isKind(stats, kind)) return `${path} (mode ${mode}) is not a ${kind}. Move it away.`
  const user = process.getuid?.()
  if (user !== undefined && stats.uid !== user) {
    return `${path} (mode ${mode}) belongs to user ${stats.uid}, not to user ${user}. Change its owner.`
  }
  if ((stats.mode & 0o777) === MODES[kind]) return null
  return `${path} has mode ${mode}; it must be ${octal(MODES[kind])}. Run: chmod ${octal(MODES[kind])} ${path}`
}

/** Creates the folder and its parents if they are missing, and then checks it with {@link privacyFault}. */
export function ensurePrivateFolder(path: string): string | null {
  try {
    mkdirSync(path, { recursive: true, mode: MODES.folder })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const fault = code === 'EEXIST' ? privacyFault(path, 'folder') : null
    return fault ?? `${path} cannot be made in a folder of mode ${modeAbove(path)} (${code}).`
  }
  return privacyFault(path, 'folder')
}

const isKind = (stats: Stats, kind: PrivateKind): boolean => (kind === 'folder' ? stats.isDirectory() : stats.isFile())

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0')

/** The mode of the nearest existing parent. */
function modeAbove(path: string): string {
  let above = dirname(path)
  while (!existsSync(above)) above = dirname(above)
  return octal(lstatSync(above).mode)
}
