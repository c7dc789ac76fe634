import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import { packageRoot } from '../../../plugin/files/package-root.ts'
import { compile } from '../../../plugin/policy/compiler/compiler.ts'
import { OpaBinary } from '../../../plugin/policy/compiler/opa-binary.ts'
import type { Job, JobOutcome } from '../../../plugin/workers/job.ts'
import { WorkerPool } from '../../../plugin/workers/worker-pool.ts'
import { ENDLESS } from '../../support/endless-policy.ts'
import { keptLog } from '../../support/host.ts'
import { PACKAGED } from '../../support/policy-folder.ts'
import { childrenOf, remainingAfter } from '../../support/process-tree.ts'
import { given } from '../../support/given.ts'

const STOPPED = { outcome: 'ended', why: 'time' }
const ANSWERED = { outcome: 'answered', answer: { answer: 'unknown' } }

/** Policies that come to no end, whatever they are asked. */
let endless: Uint8Array

beforeAll(async () => {
  const source = ENDLESS.replace('input.action == "channel.schema"', 'input.action')
  const compiled = await compile([{ name: 'endless', source }], new OpaBinary(PACKAGED))
  if (compiled.status === 'refused') throw new Error(JSON.stringify(compiled.problems))
  endless = compiled.module
})

function poolOf(size: number) {
  const pool = new WorkerPool(keptLog().log, size)
  const settled: string[] = []
  const noted = async (name: string, work: Job): Promise<JobOutcome> => {
    const outcome = await pool.run(work)
    settled.push(name)
    return outcome
  }
  return { pool, settled, noted, [Symbol.asyncDispose]: () => pool.close() }
}

const limits = { limitMs: 100, longestMs: 1_000, patienceMs: 60_000 }

const long = (org: string): Job => ({
  org: org as OrgId,
  tool: 'policies',
  message: { ask: 'check', org },
  bytes: [endless],
  ...limits,
})

const short = (org: string): Job => ({
  org: org as OrgId,
  tool: 'policies',
  message: { ask: 'evaluate', set: 'none', input: {} },
  ...limits,
})

/** Both workers of a pool are there and do nothing. */
const begun = (pool: WorkerPool) => Promise.all(['u', 'v'].map(org => pool.run(short(org))))

/** The processes that this one has begun. */
const children = (): string[] =>
  readdirSync('/proc/self/task').flatMap(thread =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter(each => each !== ''),
  )

describe('workers', () => {
  it('answer, and are ended when that takes too long; then another answers', async () => {
    await using made = poolOf(2)
    expect(await made.pool.run(short('a'))).toMatchObject(ANSWERED)
    expect(await made.pool.run(long('a'))).toEqual(STOPPED)
    expect(await made.pool.run(short('a'))).toMatchObject(ANSWERED)
  })

  it('leave one free for orgs that were not slow within the last hour', async () => {
    await using made = poolOf(2)
    await Promise.all(['s', 't'].map(org => made.pool.run(long(org))))
    await begun(made.pool)
    const slow = ['s', 't'].map(org => made.noted(org, { ...long(org), limitMs: 250 }))
    expect(await made.noted('u', short('u'))).toMatchObject(ANSWERED)
    expect(made.settled).toEqual(['u'])
    expect(await Promise.all(slow)).toEqual([STOPPED, STOPPED])
  })

  it('leave one free by what may take long, whosesoever it is', async () => {
    await using made = poolOf(2)
    await begun(made.pool)
    const slow = ['s', 't'].map(org => made.noted(org, { ...long(org), limitMs: 900 }))
    expect(await made.noted('u', short('u'))).toMatchObject(ANSWERED)
    expect(made.settled).toEqual(['u'])
    expect(await Promise.all(slow)).toEqual([STOPPED, STOPPED])
  })

  it('take orgs in turn, however much of one waits', async () => {
    await using made = poolOf(1)
    const many = Array.from({ length: 20 }, () => made.noted('a', short('a')))
    const one = made.noted('b', short('b'))
    await Promise.all([...many, one])
    expect(made.settled.indexOf('b')).toBeLessThanOrEqual(2)
  })

  it('turn away what waits in too great a number, or for too long', async () => {
    await using made = poolOf(1)
    const first = made.pool.run(long('a'))
    const impatient = made.pool.run({ ...short('a'), patienceMs: 0 })
    const many = Array.from({ length: 255 }, () => made.pool.run(short('a')))
    expect(await made.pool.run(short('a'))).toEqual({ outcome: 'ended', why: 'crowded' })
    expect(await first).toEqual(STOPPED)
    expect(await impatient).toEqual({ outcome: 'ended', why: 'crowded' })
    expect(new Set((await Promise.all(many)).map(({ outcome }) => outcome))).toEqual(new Set(['answered']))
  })

  it('are not blamed for a host that is late', async () => {
    await using made = poolOf(1)
    await made.pool.run(short('a'))
    const answered = made.pool.run({ ...short('a'), longestMs: 100 })
    await new Promise(setImmediate)
    for (const until = performance.now() + 300; performance.now() < until;);
    expect(await answered).toMatchObject(ANSWERED)
  })

  it('take nothing that cannot be handed over, and break down over nothing', async () => {
    await using made = poolOf(1)
    let deep: unknown = []
    for (let levels = 0; levels < 100_000; levels += 1) deep = [deep]
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    for (const message of [deep, circular, null, 'x', { ask: 'nothing' }, { ask: 'load', set: 's' }]) {
      const outcome = await made.pool.run({ ...short('a'), message, bytes: [Buffer.from('no module')] })
      expect(outcome).not.toMatchObject({ answer: { answer: 'evaluated' } })
    }
    expect(await made.pool.run(short('a'))).toMatchObject(ANSWERED)
  })

  it('end with the pool, which answers nothing any more', async () => {
    await using made = poolOf(2)
    await made.pool.run(short('a'))
    const left = [made.pool.run(long('a')), made.pool.run(short('a')), made.pool.run(short('b'))]
    await new Promise(setImmediate)
    await made.pool.close()
    const closed = { outcome: 'ended', why: 'closed' }
    expect((await Promise.all(left)).slice(0, 2)).toEqual([closed, closed])
    expect(await made.pool.run(short('a'))).toEqual(closed)
  })
})

describe.skipIf(process.platform !== 'linux')('the processes of workers', () => {
  it('are one for an org, begun when it is first needed, with a limit that outlives the host, and gone with the pool', async () => {
    const before = new Set(children())
    const begun = () => children().filter(each => !before.has(each))
    {
      await using made = poolOf(3)
      expect(begun()).toEqual([])
      await Promise.all(Array.from({ length: 8 }, () => made.pool.run(short('a'))))
      const [worker, ...others] = begun()
      expect(others).toEqual([])
      expect(readFileSync(`/proc/${worker}/limits`, 'utf8')).toMatch(/Max cpu time +120 +120/)
    }
    expect(begun()).toEqual([])
  })

  it('go with a host that is killed', async () => {
    const pool = join(packageRoot(), 'dist', 'plugin', 'workers', 'worker-pool.js')
    const program = `
      const { WorkerPool } = await import(${JSON.stringify(pool)})
      const work = ${JSON.stringify(short('a'))}
      setInterval(() => undefined, 1_000)
      console.log((await new WorkerPool({ warn: () => undefined }).run(work)).outcome)`
    const host = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = (await once(host.stdout, 'data')) as [Buffer]
    expect(said.toString()).toBe('answered\n')
    const workers = await childrenOf(given(host.pid))
    expect(workers.length).toBe(1)
    host.kill('SIGKILL')
    expect(await remainingAfter(workers, 30_000)).toEqual([])
  })
})
