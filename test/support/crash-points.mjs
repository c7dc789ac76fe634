// Loaded before a process (`node --import`), it counts the boundaries that the process crosses and kills it at the one
// that the plan names, as a power cut would. CRASH_POINTS names a folder: `plan.json` says where each life of each role
// dies, `<role>-<life>.crossings` says what was crossed. The gateway, which the plugin forks with an environment of its
// own, is followed through `fork`, so that nothing of the product knows about any of this. An end that waits for a sign
// is counted from the moment on at which the folder has a file `sign`.
import childProcess, { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import { ServerResponse } from 'node:http'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'

const folder = process.env['CRASH_POINTS']
const role = process.env['CRASH_ROLE'] ?? 'host'
const require = createRequire(import.meta.url)
const { appendFileSync, existsSync, openSync, readFileSync, writeSync } = fs

if (folder !== undefined) follow(openCount(folder))

/** The count of this life: each crossing is written down before the process can die of it. */
function openCount(place) {
  let life = 0
  while (existsSync(join(place, `${role}-${life}.crossings`))) life += 1
  const file = openSync(join(place, `${role}-${life}.crossings`), 'a')
  const plan = readFileSync(join(place, 'plan.json'), 'utf8')
  const end = JSON.parse(plan)[role]?.[life] ?? null
  const ofKind = new Map()
  let crossed = 0
  let counts = end?.onSign !== true
  return kind => {
    crossed += 1
    counts ||= existsSync(join(place, 'sign'))
    if (counts) ofKind.set(kind, (ofKind.get(kind) ?? 0) + 1)
    writeSync(file, `${kind}\n`)
    const isEnd =
      typeof end === 'number' ? crossed === end : counts && end?.kind === kind && end.count === ofKind.get(kind)
    if (!isEnd) return
    appendFileSync(join(place, 'deaths'), `${role} ${life} ${crossed} ${kind}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
}

function follow(cross) {
  followSqlite(cross)
  followFrames(cross)
  followFiles(cross)
  followChannel(process, cross)
  around(ServerResponse.prototype, 'end', () => edgesOf(cross, 'response'))
  followForks(cross)
  syncBuiltinESMExports()
}

/** Wraps a method; `markFor` answers for each call what marks its two edges, or null when it is no boundary. */
function around(target, name, markFor) {
  const original = target[name]
  target[name] = function (...given) {
    const mark = markFor(this, given)
    mark?.('before')
    const result = original.apply(this, given)
    if (typeof result?.then === 'function') return result.then(value => (mark?.('after'), value))
    mark?.('after')
    return result
  }
}

/** What marks the edges of one kind of boundary. */
function edgesOf(cross, kind) {
  return edge => cross(`${kind} ${edge}`)
}

/** A commit is one that is spelled out, or a writing statement that runs outside a transaction. */
function followSqlite(cross) {
  const Database = require('better-sqlite3')
  const memory = new Database(':memory:')
  const statements = Object.getPrototypeOf(memory.prepare('SELECT 1'))
  memory.close()
  const mark = edgesOf(cross, 'commit')
  const isSpelled = sql => /^\s*(commit|end)\b/i.test(sql)
  const counted = (database, sql, readonly) => {
    if (isSpelled(sql)) return mark
    return readonly || database.inTransaction || /^\s*(begin|savepoint|release|rollback)\b/i.test(sql) ? null : mark
  }
  for (const name of ['run', 'get', 'all']) {
    around(statements, name, statement => counted(statement.database, statement.source, statement.readonly))
  }
  around(Database.prototype, 'exec', (database, [sql]) => counted(database, sql, false))
}

function followFrames(cross) {
  const { WebSocket } = require('ws')
  around(WebSocket.prototype, 'send', () => edgesOf(cross, 'frame out'))
  around(WebSocket.prototype, 'emit', (_socket, [event]) => (event === 'message' ? edgesOf(cross, 'frame in') : null))
}

function followFiles(cross) {
  for (const name of ['renameSync', 'unlinkSync', 'rename', 'unlink']) around(fs, name, () => edgesOf(cross, 'file'))
  for (const name of ['rename', 'unlink']) around(fs.promises, name, () => edgesOf(cross, 'file'))
  around(fs, 'fdatasyncSync', () => edgesOf(cross, 'flush'))
  const { fdatasync } = fs
  fs.fdatasync = (file, done) => {
    cross('flush before')
    fdatasync(file, (...outcome) => {
      cross('flush after')
      done(...outcome)
    })
  }
  // What stands in for a database in a bot that keeps its messages in a file, and what an agent does to the world.
  around(fs, 'appendFileSync', () => edgesOf(cross, 'append'))
}

function followChannel(end, cross) {
  if (typeof end.send === 'function') around(end, 'send', () => edgesOf(cross, 'word out'))
  around(end, 'emit', (_end, [event]) => (event === 'message' ? edgesOf(cross, 'word in') : null))
}

function followForks(cross) {
  const original = childProcess.fork
  childProcess.fork = (entry, words, options = {}) => {
    const env = { ...options.env, CRASH_POINTS: folder, CRASH_ROLE: 'gateway' }
    const execArgv = [...(options.execArgv ?? []), '--import', import.meta.url]
    const child = original(entry, words, { ...options, env, execArgv })
    if (child instanceof ChildProcess) followChannel(child, cross)
    return child
  }
}
