// Makes a fresh clone runnable: installs what the lockfile names when that has not been done, and with `--build`
// compiles when that has not been done with these sources, both under one lock, so that two commands started at once in
// one clone do not disturb each other.
// Built-ins only: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_FLOOR = [20, 19]
const LOCK_POLL_MS = 100
const LOCK_PATIENCE_MS = 15 * 60_000
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const lockFolder = join(dist, '.ensure-lock')
/** Of what was built, and what came of it. */
const builtFile = join(dist, '.built')
const CODE = ['client', 'host-stub', 'plugin']
/** What is built of it. */
const BUILT = [...CODE, 'gateway']
const SOURCES = ['package.json', 'package-lock.json', 'tsconfig.json', ...CODE]
const stampFile = join(root, 'node_modules', '.ensure')

/** Ends with one sentence for a person. */
function stop(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [floorMajor, floorMinor] = NODE_FLOOR
  if (major > floorMajor || (major === floorMajor && minor >= floorMinor)) return
  stop(
    `Node ${NODE_FLOOR.join('.')} or newer is needed and this is ${process.versions.node}. Agentcy's documents say ` +
      '18 or newer; that cannot be kept, because the WhatsApp library itself needs 20. Install a newer Node and run this again.',
  )
}

const readText = file => (existsSync(file) ? readFileSync(file, 'utf8') : null)

/** What the installed tree must have been made from: another lockfile, Node ABI or platform needs another tree. */
function wantedStamp() {
  const lockfile = readText(join(root, 'package-lock.json'))
  if (lockfile === null) stop('package-lock.json is missing: this is not a complete clone. Clone again.')
  const parts = [lockfile, process.versions.modules, process.platform, process.arch]
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}

/** Whether somebody ran `npm ci` already: the tree holds exactly what the lockfile names, optional packages aside. */
function treeMatchesLockfile() {
  const text = readText(join(root, 'node_modules', '.package-lock.json'))
  if (text === null) return false
  const installed = JSON.parse(text).packages ?? {}
  const { '': _root, ...wanted } = JSON.parse(readText(join(root, 'package-lock.json'))).packages ?? {}
  const same = path =>
    installed[path]?.version === wanted[path].version && installed[path]?.integrity === wanted[path].integrity
  return (
    Object.keys(installed).every(path => path in wanted) &&
    Object.keys(wanted).every(path => same(path) || (wanted[path].optional === true && !(path in installed)))
  )
}

/** In a child, because a module built for another Node can end the process instead of throwing. */
function nativeModuleLoads() {
  const script = "const Database = require('better-sqlite3'); new Database(':memory:').prepare('select 1').get()"
  return spawnSync(process.execPath, ['-e', script], { cwd: root, stdio: 'ignore' }).status === 0
}

/** node-gyp would fetch Node's headers from the network; most installs of Node have them beside the executable. */
function withOwnHeaders(environment) {
  const prefix = dirname(dirname(process.execPath))
  const header = readText(join(prefix, 'include', 'node', 'node_version.h')) ?? ''
  const part = name => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(header)?.[1]
  const version = ['MAJOR', 'MINOR', 'PATCH'].map(part).join('.')
  return version === process.versions.node ? { ...environment, npm_config_nodedir: prefix } : environment
}

const missingTools = () =>
  ['python3', 'make', 'g++'].filter(tool => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined)

/** Why `npm ci` failed, and what to do about it. */
function installFailure(errors) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(errors)) {
    return 'The packages could not be fetched, because the npm registry was not reached. Connect to the network and run this again.'
  }
  const missing = missingTools()
  if (missing.length > 0) {
    return `Compiling better-sqlite3 needs ${missing.join(', ')}, which this machine lacks. On Debian or Ubuntu: apt-get install -y python3 make g++ — then run this again.`
  }
  return '`npm ci` failed; what it said stands above.'
}

function install() {
  process.stderr.write('Installing the packages of the lockfile: once, about a minute, better-sqlite3 is compiled …\n')
  const npm = process.env['npm_execpath']
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const result = spawnSync(command, [...first, 'ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    env: withOwnHeaders(process.env),
    stdio: ['ignore', 2, 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const errors = `${result.stderr ?? ''}${result.error?.message ?? ''}`
  if (result.status !== 0) {
    process.stderr.write(errors)
    stop(installFailure(errors))
  }
  if (!nativeModuleLoads()) {
    stop(
      'better-sqlite3 was installed but does not load with this Node. See that npm may run its install script ' +
        '(`npm config get ignore-scripts` should say false), and on Debian or Ubuntu: apt-get install -y python3 make g++ — then run this again.',
    )
  }
}

function ensureInstalled() {
  const stamp = wantedStamp()
  if (readText(stampFile) === stamp) return
  if (process.env['NO_AUTO_INSTALL'] === '1') {
    if (!existsSync(join(root, 'node_modules'))) stop('Nothing is installed and NO_AUTO_INSTALL is 1. Run `npm ci`.')
    return
  }
  if (!(treeMatchesLockfile() && nativeModuleLoads())) install()
  writeFileSync(stampFile, stamp)
}

const byName = (one, other) => (one < other ? -1 : 1)

function* filesOf(folder, places) {
  for (const place of places) {
    const path = join(folder, place)
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    const below = isFolder ? readdirSync(path, { recursive: true }).toSorted(byName) : []
    yield* [place, ...below.map(name => join(place, name))].filter(name =>
      statSync(join(folder, name), { throwIfNoEntry: false })?.isFile(),
    )
  }
}

/** A hash of the names and of all that is in the files at these places: neither a clock nor a size can deceive it. */
function contentHash(folder, places) {
  const hash = createHash('sha256')
  for (const name of filesOf(folder, places)) {
    const content = readFileSync(join(folder, name))
    hash.update(`${name}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** Builds, unless what is there was built of these sources and is whole. */
function ensureBuilt() {
  const sources = contentHash(root, SOURCES)
  const [builtOf, built] = (readText(builtFile) ?? '').split('\n')
  const isWhole = built === contentHash(dist, BUILT)
  if (isWhole && builtOf === sources) return
  rmSync(builtFile, { force: true })
  // The compiler does not look whether what it has written is still there.
  if (!isWhole) rmSync(join(dist, '.tsbuildinfo'), { force: true })
  build()
  writeFileSync(builtFile, `${sources}\n${contentHash(dist, BUILT)}\n`)
}

/** Compiled files whose source was deleted or moved would be packed, and run in the gateway's process. */
function removeLeftovers() {
  for (const name of filesOf(dist, CODE)) {
    const source = /^(.+?)(?:\.d\.ts|\.js)$/.exec(name)?.[1]
    const isLeft = source !== undefined && !['.ts', '.tsx'].some(end => existsSync(join(root, `${source}${end}`)))
    if (isLeft) rmSync(join(dist, name))
  }
}

function build() {
  removeLeftovers()
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const result = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.json')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (result.status !== 0) stop('The build failed; what the compiler said stands above.')
  const bundles = spawnSync(process.execPath, [join(root, 'host-stub', 'bundle.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (bundles.status !== 0) stop('The pages and programs could not be bundled; what the bundler said stands above.')
}

const holderOf = folder => Number.parseInt(readText(join(folder, 'pid')) ?? '', 10)

function lives(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Moves the lock of a dead process away; puts it back when another has taken it in the meantime. */
function removeDeadLock(pid) {
  const aside = `${lockFolder}-${randomUUID()}`
  try {
    renameSync(lockFolder, aside)
    if (holderOf(aside) !== pid) renameSync(aside, lockFolder)
    else rmSync(aside, { recursive: true, force: true })
  } catch {
    // Another waiter was quicker; the next try to take the lock decides.
  }
}

/** A folder that is renamed into place with its holder already inside: there is no moment in which nobody holds it. */
function takeLock() {
  const mine = `${lockFolder}-${randomUUID()}`
  mkdirSync(mine, { recursive: true })
  writeFileSync(join(mine, 'pid'), String(process.pid))
  try {
    renameSync(mine, lockFolder)
    return true
  } catch {
    rmSync(mine, { recursive: true, force: true })
    return false
  }
}

function waitForLock() {
  const deadline = Date.now() + LOCK_PATIENCE_MS
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let told = false; !takeLock(); told = true) {
    const holder = holderOf(lockFolder)
    if (Number.isInteger(holder) && !lives(holder)) removeDeadLock(holder)
    else Atomics.wait(pause, 0, 0, LOCK_POLL_MS)
    if (!told) process.stderr.write('Waiting for another command that installs or builds in this clone …\n')
    if (Date.now() > deadline)
      stop(`Another command has held ${lockFolder} for a quarter of an hour. End it, or delete that folder.`)
  }
}

const releaseLock = () => {
  if (holderOf(lockFolder) === process.pid) rmSync(lockFolder, { recursive: true, force: true })
}

checkNode()
const toBuild = process.argv.includes('--build')
if (toBuild || readText(stampFile) !== wantedStamp()) {
  waitForLock()
  process.on('exit', releaseLock)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))
  ensureInstalled()
  if (toBuild) ensureBuilt()
}
