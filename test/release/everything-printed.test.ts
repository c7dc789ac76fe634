import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
/** Three of the suites, one after the other, at the level that prints most. */
const SUITES_MS = 3_000_000

/** Runs the tests that start real hosts, at level trace, and gives all that they printed themselves. */
async function runTests(folder: string): Promise<{ status: number | null; printed: string }> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(
    process.execPath,
    [vitest, 'run', 'test/e2e', 'test/faults', 'test/stage', 'test/isolated', '--reporter', 'dot'],
    {
      cwd: root,
      detached: true,
      env: { ...process.env, PRINTED_FOLDER: folder, LOG_LEVEL: 'trace' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  // What runs out of time is not left to run, its workers included.
  const late = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), SUITES_MS - 60_000)
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number | null]
  clearTimeout(late)
  return { status, printed }
}

const NAME = 'F62: no text, phone number, token, QR string or private key is found in anything printed at level trace'

it(NAME, { timeout: SUITES_MS }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'printed-'))
  await using _cleanup = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
  const tests = await runTests(folder)
  expect(tests.status, tests.printed.slice(-4_000)).toBe(0)

  const planted = (await readFile(join(folder, 'planted.jsonl'), 'utf8')).split('\n').filter(line => line !== '')
  const secrets = [...new Set(planted.map(line => JSON.parse(line) as string))].filter(secret => secret.length >= 9)
  expect(secrets.length).toBeGreaterThan(50)
  const logs = (await readdir(folder)).filter(name => name.startsWith('printed-'))
  const texts = await Promise.all(logs.map(name => readFile(join(folder, name), 'utf8')))
  const everything = [tests.printed, ...texts].join('\n')
  expect(everything.includes('"level":"debug"'), 'the hosts log as much as they can').toBe(true)
  // Only how many, and of what length: the failure of this test is printed as well.
  const found = secrets
    .filter(secret => everything.includes(secret))
    .map(({ length }) => `a secret of ${length} characters`)
  expect(found).toEqual([])
})
