// Tries a clone of what is committed on other versions of Node than the one that all is developed with: that it installs, builds,
// plays the whole conversation and passes the unit and stage tests. What takes longer runs on one version alone.
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const VERSIONS = ['22.23.5', '24.22.3']
const VERSION = /^\d+\.\d+\.\d+$/
const root = resolve(import.meta.dirname, '../..')
/** It carries the executable, and nothing is built when it is installed. */
const nodePackage = `node-${process.platform}-${process.arch}`
const STEP_MS = 30 * 60_000
const LINES_SHOWN = 40
const OUTPUT_KEPT = 200_000

/** What is done with each version, one after the other: each needs the one before. */
const STEPS = {
  fetch: ({ place, version }) => ({
    words: ['npm', 'install', '--prefix', place, '--no-audit', '--no-fund', `${nodePackage}@${version}`],
    folder: place,
    environment: process.env,
  }),
  clone: ({ place, clone }) => ({
    words: ['git', 'clone', '--quiet', root, clone],
    folder: place,
    environment: process.env,
  }),
  version: ({ version, ...at }) =>
    inClone(at, ['node', '-e', `process.exit(process.versions.node === '${version}' ? 0 : 1)`]),
  install: at => inClone(at, ['node', 'host-stub/ensure.mjs']),
  build: at => inClone(at, ['node', 'host-stub/ensure.mjs', '--build']),
  demo: at => inClone(at, ['npm', 'run', 'demo', '--', '--once']),
  tests: at => inClone(at, ['node', 'node_modules/vitest/vitest.mjs', 'run', 'test/unit', 'test/stage']),
}

const HELP = `node test/release/node-versions.mjs [version …] [--until <step>]

Tries what is committed here on Node ${VERSIONS.join(' and ')}, or on the versions that are named.
npm's package ${nodePackage} carries them; nothing is installed outside a temporary folder.

  --until <step>   the last step that is made: ${Object.keys(STEPS).join(', ')}
  --help           says this

It ends with 0 when all is well with each version, else with 1, and says which failed at what.
`

/** As somebody would run it who has just cloned with that Node: an empty home, and none of npm's variables. */
function inClone({ bin, clone, home }, words) {
  const { PATH, NODE_EXTRA_CA_CERTS } = process.env
  // What this machine reaches the registry through may have a certificate of its own.
  const trusted = NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }
  return {
    words,
    folder: clone,
    environment: { PATH: [bin, PATH].join(delimiter), HOME: home, CI: 'true', ...trusted },
  }
}

const under = { way: null }

function endWhatRuns() {
  try {
    if (under.way?.pid !== undefined) process.kill(-under.way.pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Runs one command; null when it did what it should, else how it ended and what it said last. */
function failureOf({ words: [program, ...words], folder, environment }) {
  const child = spawn(program, words, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  under.way = child
  let isLate = false
  let said = ''
  const late = setTimeout(() => {
    isLate = true
    endWhatRuns()
  }, STEP_MS)
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => (said = `${said}${text}`.slice(-OUTPUT_KEPT)))
  }
  return new Promise(done => {
    const ended = how => {
      clearTimeout(late)
      done(how === null ? null : { how, said: said.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n') })
    }
    child.on('error', error => ended(`${program} could not be run (${error.code})`))
    child.on('close', (status, signal) => {
      if (isLate) ended(`not done after ${STEP_MS / 60_000} minutes`)
      else ended(status === 0 ? null : `ended with ${status ?? signal}`)
    })
  })
}

const tell = line => process.stdout.write(`${line}\n`)

/** Makes each step in turn; how the first one failed that did, else null. */
async function tried(version, { steps, folder }) {
  const place = join(folder, version)
  const bin = join(place, 'node_modules', nodePackage, 'bin')
  const at = { version, place, bin, clone: join(place, 'clone'), home: join(place, 'home') }
  await mkdir(at.home, { recursive: true })
  for (const step of steps) {
    const begun = performance.now()
    tell(`Node ${version}: ${step} …`)
    const failure = await failureOf(STEPS[step](at))
    const took = `${Math.round((performance.now() - begun) / 1_000)} s`
    tell(`Node ${version}: ${step} ${failure ? failure.how : 'done'}, after ${took}`)
    if (failure) tell(failure.said)
    if (failure) return `failed at ${step}: ${failure.how}`
  }
  await rm(place, { recursive: true, force: true })
  return null
}

async function tryAll(versions, steps) {
  const folder = await mkdtemp(join(tmpdir(), 'node-versions-'))
  const interrupted = () => {
    endWhatRuns()
    void rm(folder, { recursive: true, force: true }).finally(() => process.exit(130))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupted)
  const results = []
  try {
    for (const version of versions) results.push({ version, failure: await tried(version, { steps, folder }) })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  for (const { version, failure } of results) tell(`Node ${version} ${failure ?? 'is well'}`)
  return results.every(({ failure }) => failure === null) ? 0 : 1
}

/** What was asked for, or in one sentence what is wrong with it. */
function asked() {
  try {
    const options = { until: { type: 'string', default: 'tests' }, help: { type: 'boolean', default: false } }
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const names = Object.keys(STEPS)
    if (!names.includes(values.until)) return { wrong: `--until takes one of ${names.join(', ')}.` }
    if (!positionals.every(word => VERSION.test(word))) return { wrong: 'A version is given in full, as 22.23.5.' }
    const versions = positionals.length > 0 ? positionals : VERSIONS
    return { versions, steps: names.slice(0, names.indexOf(values.until) + 1), help: values.help }
  } catch (error) {
    return { wrong: error.message }
  }
}

const { wrong, versions, steps, help } = asked()
if (wrong !== undefined) {
  process.stderr.write(`${wrong} \`--help\` says what there is.\n`)
  process.exitCode = 2
} else if (help) process.stdout.write(HELP)
else process.exitCode = await tryAll(versions, steps)
