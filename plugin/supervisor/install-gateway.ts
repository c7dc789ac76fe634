import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'

import { ensurePrivateFolder } from '../files/private-path.ts'
import { listFiles } from '../files/list-files.ts'
import { packageRoot } from '../files/package-root.ts'

/** The folder that the gateway consists of, besides the packages it imports. */
const CODE = 'gateway'
/** Folders of its modules, as it was installed before they were bundled. */
const FORMER = ['contract', 'base', 'files']
/** The packages it imports by name. */
const IMPORTED = ['@whiskeysockets/baileys', 'better-sqlite3', 'file-type', 'pino', 'whatsapp-rust-bridge'] as const
const PACKAGE = '{ "private": true, "type": "module" }\n'
const STAGING = '.staging'

/** Path within the gateway → hash of the file. */
type Contents = ReadonlyMap<string, string>

/** Why the gateway cannot be installed, as a sentence for a person. */
export class InstallRefused extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'InstallRefused'
  }
}

/**
 * Makes sure that `stateFolder` contains the gateway exactly as this package does, and returns its entry. Each call compares the
 * hash of every file. If one is missing, changed or added, everything is extracted again, so an interrupted extraction is repaired
 * before any of it runs.
 * @throws InstallRefused if the folder is not private or the package is not complete.
 */
export function installGateway(stateFolder: string): string {
  const fault = ensurePrivateFolder(stateFolder)
  if (fault) throw new InstallRefused(fault)
  const root = packageRoot()
  const origin = join(root, 'dist', CODE)
  if (!existsSync(join(origin, 'process.js'))) throw new InstallRefused('The plugin is not built. Run: npm run build')
  const wanted = contentsOf(origin)
  try {
    if (!isInPlace(stateFolder, wanted)) install(origin, stateFolder, wanted)
    linkModules(stateFolder, root)
  } catch (error) {
    if (error instanceof InstallRefused) throw error
    throw new InstallRefused(`${stateFolder} cannot be written to (${(error as NodeJS.ErrnoException).code}).`)
  }
  return join(stateFolder, CODE, 'process.js')
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const pathsIn = (folder: string): string[] => listFiles(folder).map(path => relative(folder, path))

const contentsOf = (folder: string): Contents =>
  new Map(pathsIn(folder).map(path => [path, hashOf(readFileSync(join(folder, path)))]))

/** Whether exactly these files are there, and nobody else may write to them. */
function isInPlace(stateFolder: string, wanted: Contents): boolean {
  const code = join(stateFolder, CODE)
  const isFolder = lstatSync(code, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (!isFolder || !isPackage(join(stateFolder, 'package.json'))) return false
  const isPrivateFile = (path: string): boolean => {
    const stats = lstatSync(join(code, path))
    return stats.isFile() && (stats.mode & 0o777) === 0o600
  }
  const paths = pathsIn(code)
  if (paths.length !== wanted.size || !paths.every(isPrivateFile)) return false
  return paths.every(path => wanted.get(path) === hashOf(readFileSync(join(code, path))))
}

const isPackage = (path: string): boolean =>
  (lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false) && readFileSync(path, 'utf8') === PACKAGE

/** Writes everything durably to a folder beside its place, and then renames it into place. */
function install(origin: string, stateFolder: string, wanted: Contents): void {
  const staging = join(stateFolder, STAGING)
  rmSync(staging, { recursive: true, force: true })
  for (const path of wanted.keys()) writeDurably(join(staging, CODE, path), readFileSync(join(origin, path)))
  writeDurably(join(staging, 'package.json'), Buffer.from(PACKAGE))
  for (const name of [...FORMER, CODE, 'package.json'])
    rmSync(join(stateFolder, name), { recursive: true, force: true })
  for (const name of [CODE, 'package.json']) renameSync(join(staging, name), join(stateFolder, name))
  rmSync(staging, { recursive: true })
  syncFolder(stateFolder)
}

function writeDurably(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, bytes, { mode: 0o600, flag: 'wx', flush: true })
  syncFolder(dirname(path))
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** The folder of a package, found as an import would find it; some packages resolve nothing for `require`. */
function folderOf(from: NodeJS.Require, name: string): string | null {
  const folder = from.resolve
    .paths(name)
    ?.map(path => join(path, name))
    .find(existsSync)
  return folder === undefined ? null : realpathSync(folder)
}

/** Links `node_modules` to the folder from which this package's own imports resolve, and makes sure that all of them do. */
function linkModules(stateFolder: string, root: string): void {
  const fromPlugin = createRequire(join(root, 'package.json'))
  const first = realpathSync(fromPlugin.resolve(IMPORTED[0]))
  const modules = first.slice(0, first.lastIndexOf(join(sep, IMPORTED[0], sep)))
  const link = join(stateFolder, 'node_modules')
  const stats = lstatSync(link, { throwIfNoEntry: false })
  const isRight = stats?.isSymbolicLink() === true && existsSync(link) && realpathSync(link) === modules
  if (!isRight) {
    rmSync(link, { recursive: true, force: true })
    symlinkSync(modules, link)
  }
  const fromGateway = createRequire(join(stateFolder, CODE, 'process.js'))
  for (const name of IMPORTED) {
    const found = folderOf(fromGateway, name)
    if (found === null || found !== folderOf(fromPlugin, name)) {
      throw new InstallRefused(
        `The gateway would run another ${name} than the plugin came with. Install the plugin again.`,
      )
    }
  }
}
