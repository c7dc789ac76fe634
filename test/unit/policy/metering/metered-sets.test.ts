import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'

import type { OrgId } from '../../../../plugin/contract/ids.ts'
import { packageRoot } from '../../../../plugin/files/package-root.ts'
import type { PolicySet } from '../../../../plugin/policy/evaluation.ts'
import { inputOf } from '../../../../plugin/policy/input.ts'
import { MeteredEngine } from '../../../../plugin/policy/metering/metered-engine.ts'
import { MeteredSets } from '../../../../plugin/policy/metering/metered-sets.ts'
import { READ } from '../../../support/policies.ts'
import { ORG } from '../../../support/store.ts'

const STARTER = readFileSync(join(packageRoot(), 'plugin', 'policy', 'starter', 'starter.wasm'))
const NOW = new Date('2026-07-01T12:00:00Z')
const INPUT = inputOf(READ, NOW)
/** The starters put together what they say of it by a function that is not offered here. */
const FORMATTED = inputOf({ ...READ, resource: { ...READ.resource, tool: 'shell.execute' } }, NOW)
const ROOM = 64
const OFTEN = 10
const MINUTE = 60_000

const setOf = (module: Uint8Array = STARTER, isCompiledHere = true): PolicySet => ({
  id: 'set',
  name: 'set',
  modules: [module],
  isOurs: false,
  isCompiledHere,
})

const OTHER = 'org_other' as OrgId
let now = 1_000_000
let isAlone = false
let clock: MockInstance
const openSets = () => new MeteredSets({ isAlone: () => isAlone })
const of = vi.spyOn(MeteredEngine, 'of')

beforeEach(() => {
  of.mockClear()
  isAlone = false
  clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => clock.mockRestore())

/** Asks for a set so often that it begins to be loaded, and again once it is. */
async function loaded(sets: MeteredSets, set: PolicySet, org: OrgId = ORG) {
  for (let times = 0; times < OFTEN; times += 1) sets.evaluate(org, set, INPUT)
  await Promise.all(of.mock.results.map(({ value }) => (value as Promise<unknown>).catch(() => undefined)))
  await new Promise(setImmediate)
  return sets.evaluate(org, set, INPUT)
}

describe('a set of policies', () => {
  it('is loaded when it was asked for ten times, and answers from then on', async () => {
    const sets = openSets()
    const set = setOf()
    for (let times = 1; times < OFTEN; times += 1) expect(sets.evaluate(ORG, set, INPUT)).toBeNull()
    expect(of).not.toHaveBeenCalled()
    expect(sets.evaluate(ORG, set, INPUT)).toBeNull()
    expect(of).toHaveBeenCalledTimes(1)
    expect(await loaded(sets, set)).toMatchObject({ verdict: { verdict: 'allow' } })
    expect(of).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['was uploaded', setOf(STARTER, false)],
    ['is large', setOf(new Uint8Array(262_145))],
  ])('is not even read when it %s', async (_, set) => {
    expect(await loaded(openSets(), set)).toBeNull()
    expect(of).not.toHaveBeenCalled()
  })

  it('is for a worker when it cannot be metered, and is not tried again', async () => {
    const sets = openSets()
    const set = setOf(STARTER.subarray(0, 1_000))
    expect(await loaded(sets, set)).toBeNull()
    expect(await loaded(sets, set)).toBeNull()
    expect(of).toHaveBeenCalledTimes(1)
  })

  it('that had no answer here is left to the workers for a minute', async () => {
    const sets = openSets()
    const set = setOf()
    await loaded(sets, set)
    expect(sets.evaluate(ORG, set, FORMATTED)).toBeNull()
    expect(sets.evaluate(ORG, set, INPUT)).toBeNull()
    now += MINUTE + 1
    expect(sets.evaluate(ORG, set, INPUT)).toMatchObject({ verdict: { verdict: 'allow' } })
  })

  it('has a place while it is used, and loses it to another one a minute later', async () => {
    const sets = openSets()
    const orgs = Array.from({ length: ROOM }, (_, n) => `org_${n}` as OrgId)
    for (const org of orgs) await loaded(sets, setOf(STARTER.subarray(0, 1_000)), org)
    const more = setOf()
    expect(await loaded(sets, more)).toBeNull()
    expect(of).toHaveBeenCalledTimes(ROOM)
    now += MINUTE + 1
    expect(await loaded(sets, more)).toMatchObject({ verdict: { verdict: 'allow' } })
  })

  it('takes the place of the one that its org had before, so that an org has one', async () => {
    const sets = openSets()
    for (let changes = 0; changes < ROOM; changes += 1) await loaded(sets, setOf(STARTER.subarray(0, 1_000)))
    const [mine, theirs] = [setOf(), setOf()]
    expect(await loaded(sets, mine)).toMatchObject({ verdict: { verdict: 'allow' } })
    expect(await loaded(sets, theirs, OTHER)).toMatchObject({ verdict: { verdict: 'allow' } })
  })
})

describe('the evaluations of an org', () => {
  let evaluate: MockInstance
  afterEach(() => evaluate.mockRestore())

  /** Two orgs with a loaded set, whose every evaluation takes 10 ms. */
  async function slow() {
    const sets = openSets()
    const set = setOf()
    for (const org of [ORG, OTHER]) await loaded(sets, set, org)
    evaluate = vi.spyOn(MeteredEngine.prototype, 'evaluate').mockImplementation(() => {
      now += 10
      return [{ path: 'agentcy', document: { deny: [] } }]
    })
    /** How many are evaluated here before one is left to a worker. */
    const inThisRound = (org: OrgId = ORG): number => {
      evaluate.mockClear()
      while (sets.evaluate(org, set, INPUT) !== null);
      return evaluate.mock.calls.length
    }
    const inRounds = async (org: OrgId = ORG): Promise<number> => {
      let count = 0
      for (let more = inThisRound(org); more > 0; more = inThisRound(org)) {
        count += more
        await new Promise(setImmediate)
      }
      return count
    }
    return { inThisRound, inRounds }
  }

  it('take 50 ms of a round of the loop, and one of another org has its own', async () => {
    isAlone = true
    const { inThisRound } = await slow()
    expect(inThisRound()).toBe(6)
    expect(inThisRound(OTHER)).toBe(6)
    await new Promise(setImmediate)
    expect(inThisRound()).toBe(6)
  })

  it('take a tenth of the time, and a hundred milliseconds at once, while others have work', async () => {
    const { inRounds } = await slow()
    // Each of 10 ms costs 100 ms, of which 10 ms pass while it runs.
    expect(await inRounds()).toBe(12)
    expect(await inRounds(OTHER)).toBe(12)
    now += 100
    expect(await inRounds()).toBe(2)
    now += 10_000
    expect(await inRounds()).toBe(12)
  })

  it('have no other limit while nobody else has work, and owe nothing for it later', async () => {
    isAlone = true
    const { inThisRound, inRounds } = await slow()
    for (let rounds = 0; rounds < 100; rounds += 1) {
      expect(inThisRound()).toBe(6)
      await new Promise(setImmediate)
    }
    isAlone = false
    expect(await inRounds()).toBe(0)
    now += 1_000
    expect(await inRounds()).toBeGreaterThan(9)
  })
})
