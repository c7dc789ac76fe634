// Loaded before a process (`node --import`), it sets the clock of that process, and of those it forks, as far from the real
// one as the file says that CLOCK_SET_BY names, in milliseconds; the time that passes is the real one. The gateway, which
// the plugin forks with an environment of its own, is followed through `fork`.
import childProcess from 'node:child_process'
import { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const file = process.env['CLOCK_SET_BY']
const RealDate = Date
const LOOK_EACH_MS = 5
let lookedAt = Number.NEGATIVE_INFINITY
let setBy = 0

function now() {
  const at = performance.now()
  if (at - lookedAt > LOOK_EACH_MS) {
    lookedAt = at
    setBy = Number(readFileSync(file, 'utf8'))
  }
  return RealDate.now() + setBy
}

if (file !== undefined) {
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [now()] : given))
    }
    static now = now
  }
  const { fork } = childProcess
  childProcess.fork = (entry, words, options = {}) => {
    const execArgv = [...(options.execArgv ?? []), '--import', import.meta.url]
    return fork(entry, words, { ...options, execArgv, env: { ...options.env, CLOCK_SET_BY: file } })
  }
  syncBuiltinESMExports()
}
