import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { revisionOf, type WebVersion } from '../../../../plugin/contract/web-version.ts'
import type { AnnouncedVersionPorts } from '../../../../plugin/gateway/login/announced-version.ts'
import { createConnectPace } from '../../../../plugin/gateway/login/connect-limiter.ts'
import { createLoginAttempts } from '../../../../plugin/gateway/login/login-attempts.ts'
import { BUILT_IN } from '../../../../plugin/gateway/login/version-choice.ts'
import type { Sourced } from '../../../../plugin/gateway/login/version-source.ts'
import { versionOf } from '../../../support/announced-version.ts'

const MINUTE_MS = 60_000
const ROUND_TRIP_MS = 50
const FIRST = revisionOf(BUILT_IN.version)
const version = (revision: number): WebVersion => `2.3000.${revision}`

/** A WhatsApp that takes what is not below its floor, and accounts that log in, stay, and log in again when they are refused. */
function town(ports: Partial<AnnouncedVersionPorts> = {}) {
  const asked: number[] = []
  const tried: { account: number; revision: number; at: number }[] = []
  const connected = new Set<number>()
  const retryAt = new Map<number, number>()
  const world = { floor: 0, source: { problem: 'unreachable' } as Sourced, isSilent: false, refusesAfterMs: Infinity }
  const ask = (): Promise<Sourced> => {
    asked.push(Date.now())
    return Promise.resolve(world.source)
  }
  const pace = createConnectPace(Date.now)
  const attempts = createLoginAttempts({ version: versionOf({ ask, ...ports }), pace, now: Date.now })
  const enter = (account: number, askedAt: number | null): void => {
    attempts.wish({
      turn: 'inTurn',
      askedAt,
      outdated: at => void retryAt.set(account, at),
      open: attempt => {
        const revision = revisionOf(attempt.version)
        tried.push({ account, revision, at: Date.now() })
        if (world.isSilent) return
        const refuse = (): void => {
          connected.delete(account)
          attempt.refused()
          enter(account, null)
        }
        setTimeout(() => {
          if (revision >= world.floor) {
            connected.add(account)
            attempt.accepted()
            if (world.refusesAfterMs < Infinity) setTimeout(refuse, world.refusesAfterMs)
            return
          }
          refuse()
        }, ROUND_TRIP_MS)
      },
    })
  }
  return {
    world,
    asked,
    tried,
    connected,
    retryAt,
    attempts,
    start: (account: number, askedAt = Date.now()) => enter(account, askedAt),
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('logins whose version WhatsApp refuses', () => {
  it('are tried six times in 15 minutes by all accounts together, then once an hour, each after the source was asked', async () => {
    const { world, tried, asked, start, retryAt } = town({ accepted: { version: version(FIRST), knownAt: Date.now() } })
    world.floor = FIRST + 1
    for (let account = 0; account < 20; account += 1) start(account)
    await vi.advanceTimersByTimeAsync(15 * MINUTE_MS)
    expect(tried).toHaveLength(6)
    expect(asked).toHaveLength(6)
    expect(new Set(tried.map(({ account }) => account)).size).toBe(6)
    await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE_MS)
    expect(tried).toHaveLength(30)
    // All of them know when the next attempt is.
    expect(new Set(retryAt.values()).size).toBe(1)
    expect([...retryAt.values()][0]).toBeGreaterThan(Date.now())
  })

  it('go on at once with a newer version, all of them after the first was let in', async () => {
    const { world, tried, connected, start } = town({ accepted: { version: version(FIRST), knownAt: Date.now() } })
    Object.assign(world, { floor: FIRST + 1, source: { version: version(FIRST + 2) } })
    for (let account = 0; account < 20; account += 1) start(account)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(connected.size).toBe(20)
    expect(tried.map(({ revision }) => revision)).toEqual([FIRST, ...Array<number>(20).fill(FIRST + 2)])
  })

  it('are not tried again for what was asked for before the last one was refused, and comes only now', async () => {
    const { world, tried, retryAt, start } = town({ accepted: { version: version(FIRST), knownAt: Date.now() } })
    world.floor = FIRST + 1
    const askedAt = Date.now()
    start(0, askedAt)
    await vi.advanceTimersByTimeAsync(5_000)
    for (let account = 1; account < 5; account += 1) start(account, askedAt)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(tried).toHaveLength(1)
    expect(new Set(retryAt.values()).size).toBe(1)
    start(5)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(tried).toHaveLength(2)
  })

  it('are tried at once when somebody asks for it, once for all of them, and after the source was asked', async () => {
    const { world, tried, connected, start } = town({ accepted: { version: version(FIRST), knownAt: Date.now() } })
    world.floor = FIRST + 1
    for (let account = 0; account < 5; account += 1) start(account)
    await vi.advanceTimersByTimeAsync(20 * MINUTE_MS)
    const before = tried.length
    for (let account = 5; account < 10; account += 1) start(account)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(tried).toHaveLength(before + 1)
    world.source = { version: version(FIRST + 3) }
    start(10)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(connected.size).toBe(11)
    expect(tried).toHaveLength(before + 1 + 11)
  })

  it('are tried no more often where WhatsApp lets them in first and refuses them a moment later', async () => {
    const { world, tried, start } = town({ accepted: { version: version(FIRST), knownAt: Date.now() } })
    world.refusesAfterMs = 100
    start(0)
    await vi.advanceTimersByTimeAsync(15 * MINUTE_MS)
    expect(tried).toHaveLength(6)
    // Once it holds, the next refusal is the first one again.
    world.refusesAfterMs = Infinity
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS)
    expect(tried).toHaveLength(7)
  })

  it('are not made without end by a source that names another version each time', async () => {
    const { world, tried, start } = town({
      ask: () => Promise.resolve({ version: version(FIRST + tried.length + 1) }),
    })
    world.floor = FIRST + 30_000_000
    for (let account = 0; account < 5; account += 1) start(account)
    await vi.advanceTimersByTimeAsync(15 * MINUTE_MS)
    expect(tried.length).toBeLessThanOrEqual(6)
  })

  it('fall back to what was let in before when what the source names is refused', async () => {
    const { world, tried, connected, attempts, start } = town({
      accepted: { version: version(FIRST + 5), knownAt: Date.now() - 2 * 24 * 60 * MINUTE_MS },
      ask: () => Promise.resolve({ version: version(FIRST + 9_000_000) }),
    })
    expect(attempts).toBeDefined()
    const isTaken = (revision: number): boolean => revision === FIRST + 5
    Object.defineProperty(world, 'floor', {
      get: () => (isTaken(tried.at(-1)?.revision ?? 0) ? 0 : Number.POSITIVE_INFINITY),
    })
    start(0)
    start(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(connected.size).toBe(2)
    expect(tried.map(({ revision }) => revision)).toEqual([FIRST + 9_000_000, FIRST + 5, FIRST + 5])
  })

  it('do not try what is older than a version that was let in before and is refused now', async () => {
    const { world, tried, start } = town({ accepted: { version: version(FIRST + 5), knownAt: Date.now() } })
    world.floor = FIRST + 10
    start(0)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(tried.map(({ revision }) => revision)).toEqual([FIRST + 5])
  })

  it('never come to more than six in 15 minutes, whatever the source says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.integer({ min: 0, max: 30_000_000 })), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 12 }),
        async (says, accounts) => {
          let next = 0
          const { world, tried, start } = town({
            ask: () => {
              const ahead = says[next++ % says.length]
              return Promise.resolve(
                ahead === null || ahead === undefined
                  ? { problem: 'unreachable' }
                  : { version: version(FIRST + ahead) },
              )
            },
          })
          world.floor = Number.POSITIVE_INFINITY
          for (let account = 0; account < accounts; account += 1) start(account)
          await vi.advanceTimersByTimeAsync(15 * MINUTE_MS - 1)
          expect(tried.length).toBeLessThanOrEqual(6)
          vi.clearAllTimers()
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('logins of many accounts', () => {
  it('do not wait for one of which nothing is heard for longer than 5 s', async () => {
    const { world, tried, start } = town()
    world.isSilent = true
    for (let account = 0; account < 4; account += 1) start(account)
    await vi.advanceTimersByTimeAsync(4_000)
    expect(tried).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(tried).toHaveLength(4)
  })

  it('wait for a source that is slow no longer than 3 s', async () => {
    const { tried, start } = town({ ask: () => new Promise(() => undefined) })
    start(0)
    await vi.advanceTimersByTimeAsync(2_900)
    expect(tried).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(200)
    expect(tried.map(({ revision }) => revision)).toEqual([FIRST])
  })

  it('ask the source once a day', async () => {
    const { asked, connected, start } = town({ accepted: { version: version(FIRST), knownAt: Date.now() } })
    for (let account = 0; account < 48; account += 1) {
      start(account)
      await vi.advanceTimersByTimeAsync(60 * MINUTE_MS)
    }
    expect(connected.size).toBe(48)
    expect(asked).toHaveLength(1)
  })

  it('that are taken back let the others go on', async () => {
    const { world, tried, attempts, start, connected } = town()
    world.isSilent = false
    const takeBack = attempts.wish({
      turn: 'inTurn',
      askedAt: Date.now(),
      open: () => undefined,
      outdated: () => undefined,
    })
    start(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(tried).toHaveLength(0)
    takeBack()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(connected.size).toBe(1)
  })
})
