// Loaded before a host (`node --import`), it counts the work that the host and its gateway do: SQL statements,
// transactions, flushes and messages between the two. On SIGUSR2 each writes its counts to the folder that WORK_COUNTS names.
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'

import Sqlite from 'better-sqlite3'

const folder = process.env['WORK_COUNTS']
const isCounted = ['host-stub/main.js', 'gateway/process.js'].some(end => process.argv[1]?.endsWith(end))
const counts = { statements: 0, transactions: 0, flushes: 0, ipc_sent: 0, ipc_received: 0 }
/** How often each statement was run. */
const kinds = {}

/** Has each call of a method counted before it is made. */
function count(target, name, tell) {
  const original = target[name]
  if (original === undefined) return
  target[name] = function (...given) {
    tell(this, ...given)
    return original.apply(this, given)
  }
}

function countStatement({ source }) {
  const [verb = ''] = source.trim().toLowerCase().split(/\s/, 1)
  if (verb === 'begin') counts.transactions += 1
  if (['begin', 'commit', 'rollback'].includes(verb)) return
  counts.statements += 1
  const kind = source.replaceAll(/\s+/g, ' ').trim()
  kinds[kind] = (kinds[kind] ?? 0) + 1
}

function countStatements() {
  const memory = new Sqlite(':memory:')
  const statement = Object.getPrototypeOf(memory.prepare('select 1'))
  for (const name of ['run', 'get', 'all', 'iterate']) count(statement, name, countStatement)
  memory.close()
}

function write() {
  const file = join(folder, `${process.pid}.json`)
  fs.writeFileSync(`${file}.draft`, JSON.stringify({ counts, kinds }))
  fs.renameSync(`${file}.draft`, file)
}

function followGateway() {
  const { fork } = childProcess
  childProcess.fork = (entry, words, options = {}) => {
    const execArgv = [...(options.execArgv ?? []), '--import', import.meta.url]
    return fork(entry, words, { ...options, execArgv, env: { ...options.env, WORK_COUNTS: folder } })
  }
}

if (folder !== undefined && isCounted) {
  countStatements()
  for (const name of ['fdatasync', 'fdatasyncSync', 'fsync', 'fsyncSync']) count(fs, name, () => (counts.flushes += 1))
  count(process, 'send', () => (counts.ipc_sent += 1))
  count(process, 'emit', (_process, event) => (counts.ipc_received += event === 'message' ? 1 : 0))
  followGateway()
  syncBuiltinESMExports()
  process.on('SIGUSR2', write)
}
