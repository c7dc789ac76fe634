// Loaded before a process (`node --import`, or as a set-up file of the tests), it writes down every address that the process,
// and the gateway that it forks, tries to connect to or looks up: a line for each, in a file of its own in the folder that
// CONNECT_LEDGER names. What that adds up to is judged at the end of the run (test/support/egress.ts).
import childProcess from 'node:child_process'
import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { join } from 'node:path'

const folder = process.env['CONNECT_LEDGER']
const seen = new Set()

function record(kind, what) {
  const line = `${kind} ${what}`
  if (seen.has(line)) return
  seen.add(line)
  appendFileSync(join(folder, String(process.pid)), `${line}\n`)
}

/** Has every attempt to connect written down. */
function follow(target, name) {
  const original = target[name]
  target[name] = function (...given) {
    this.on('connectionAttempt', address => record('connect', address))
    return original.apply(this, given)
  }
}

const installed = Symbol.for('connect-hook')

if (folder !== undefined && globalThis[installed] === undefined) {
  globalThis[installed] = true
  follow(net.Socket.prototype, 'connect')
  for (const names of [dns, dns.promises]) {
    const { lookup } = names
    names.lookup = (hostname, ...more) => {
      if (net.isIP(hostname) === 0) record('lookup', hostname)
      return lookup(hostname, ...more)
    }
  }
  const { fork } = childProcess
  childProcess.fork = (entry, words, options = {}) => {
    const execArgv = [...(options.execArgv ?? []), '--import', import.meta.url]
    return fork(entry, words, { ...options, execArgv, env: { ...options.env, CONNECT_LEDGER: folder } })
  }
  syncBuiltinESMExports()
}
