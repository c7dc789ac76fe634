import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** An installation and all that `npm test` runs. */
const TESTS_MS = 3_000_000

type Run = { status: number | null; printed: string }

/** Runs a command as somebody would who has just cloned: an empty home, and none of npm's variables. */
function run(command: string[], where: { folder: string; home: string }): Promise<Run> {
  const [program = '', ...words] = command
  const environment = { PATH: process.env['PATH'], HOME: where.home, CI: 'true' }
  const options = { cwd: where.folder, env: environment, detached: true } as const
  const child = spawn(program, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  // What runs out of time is not left to run, with all that it has begun.
  const late = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), TESTS_MS - 60_000)
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  return new Promise((ended, failed) => {
    child.on('error', failed)
    child.on('close', status => {
      clearTimeout(late)
      ended({ status, printed })
    })
  })
}

async function freshClone(): Promise<{ folder: string; home: string } & AsyncDisposable> {
  const place = await mkdtemp(join(tmpdir(), 'fresh-clone-'))
  const clone = { folder: join(place, 'clone'), home: join(place, 'home') }
  await mkdir(clone.home)
  const cloned = await run(['git', 'clone', '--quiet', root, clone.folder], { folder: place, home: clone.home })
  expect(cloned.status, cloned.printed).toBe(0)
  return { ...clone, [Symbol.asyncDispose]: () => rm(place, { recursive: true, force: true }) }
}

describe('a fresh clone with an empty home', () => {
  it('plays the whole conversation as its first command', async () => {
    await using clone = await freshClone()
    const demo = await run(['npm', 'run', 'demo', '--', '--once'], clone)
    expect(demo.status, demo.printed).toBe(0)
    const said = /alice writes\s+(.+)/.exec(demo.printed)?.[1]
    const heard = /alice hears\s+(.+)/.exec(demo.printed)?.[1]
    expect(said, demo.printed).toBeTruthy()
    expect(heard, demo.printed).toBeTruthy()
  })

  it('passes its tests as its first command', { timeout: TESTS_MS }, async () => {
    await using clone = await freshClone()
    const tests = await run(['npm', 'test'], clone)
    expect(tests.status, tests.printed.slice(-4_000)).toBe(0)
  })

  it('serves the host as its first command', async () => {
    await using clone = await freshClone()
    const environment = { PATH: process.env['PATH'], HOME: clone.home, PORT: '0' }
    const child = spawn('npm', ['start'], { cwd: clone.folder, env: environment, stdio: ['ignore', 'pipe', 'ignore'] })
    const gone = once(child, 'close')
    const url = await new Promise<string>((found, failed) => {
      let printed = ''
      void gone.then(() => failed(new Error(`ended before it listened: ${printed.slice(-2_000)}`)))
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
        const line = /listening on (http:\S+)/.exec(printed)
        if (line?.[1]) found(line[1])
      })
    })
    const health = await fetch(`${url}/healthz`)
    expect(await health.json()).toEqual({ status: 'ok' })
    child.kill('SIGTERM')
    await gone
  })
})
