/**
 * Loaded by `--import` into each process that is measured, and by it into the gateway that it forks: says on request
 * what the process has used. Only the bench loads it.
 */
import childProcess from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const everyMs = 200
const [folder = '', profiles = ''] = (process.env['BENCH_PROBE'] ?? '').split('|')

function watch(): void {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  let peakBytes = 0
  const write = (): void => {
    const { rss } = process.memoryUsage()
    peakBytes = Math.max(peakBytes, rss)
    const { user, system } = process.cpuUsage()
    const seen = {
      pid: process.pid,
      isGateway: process.argv[1]?.endsWith('process.js') === true,
      rssBytes: rss,
      peakRssBytes: peakBytes,
      cpuMs: (user + system) / 1_000,
      loopP99Ms: delay.percentile(99) / 1e6,
      loopMaxMs: delay.max / 1e6,
    }
    const file = join(folder, `${process.pid}.json`)
    writeFileSync(`${file}.draft`, JSON.stringify(seen))
    renameSync(`${file}.draft`, file)
  }
  setInterval(write, everyMs).unref()
  process.on('SIGUSR2', () => {
    delay.reset()
    peakBytes = 0
    write()
  })
  write()
}

/** The gateway is forked with no arguments and almost no environment. */
function followForks(): void {
  const fork = childProcess.fork.bind(childProcess)
  const forkWatched = (entry: string, args: readonly string[], options: childProcess.ForkOptions) => {
    const profile = profiles === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]
    return fork(entry, args, {
      ...options,
      env: { ...options.env, BENCH_PROBE: process.env['BENCH_PROBE'] },
      execArgv: ['--import', import.meta.url, ...profile],
    })
  }
  Object.assign(childProcess, { fork: forkWatched })
  syncBuiltinESMExports()
}

if (folder !== '') {
  watch()
  followForks()
}
