import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createConnectPace } from '../../../../plugin/gateway/login/connect-limiter.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A pace on the clock of the test, and who has opened when. */
function paceOf() {
  const startedAt = Date.now()
  const pace = createConnectPace(Date.now)
  const opened: { readonly name: string; readonly at: number }[] = []
  const opens = (name: string) => () => void opened.push({ name, at: Date.now() - startedAt })
  return { pace, opened, opens }
}

describe('the pace of connections', () => {
  it('lets one open at once, and the next ones as time passes, in the order in which they came', async () => {
    const { pace, opened, opens } = paceOf()
    for (let index = 0; index < 7; index++) pace.inTurn(opens(`${index}`))
    expect(opened).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(999)
    expect(opened).toHaveLength(5)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(opened.map(({ name }) => Number(name))).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(opened.map(({ at }) => at)).toEqual([0, 200, 400, 600, 800, 1_000, 1_200])
  })

  it('lets what a person waits for go before those that wait in turn, and does not keep them out', async () => {
    const { pace, opened, opens } = paceOf()
    for (let index = 0; index < 20; index++) pace.inTurn(opens('login'))
    pace.first(opens('pairing'))
    pace.first(opens('second pairing'))
    await vi.advanceTimersByTimeAsync(800)
    expect(opened.map(({ name }) => name)).toEqual(['login', 'pairing', 'login', 'second pairing', 'login'])
  })

  it('forgets a wish that was taken back, also the one that would be next', async () => {
    const { pace, opened, opens } = paceOf()
    pace.inTurn(opens('before'))
    const withdraw = pace.inTurn(opens('never'))
    pace.inTurn(opens('after'))
    withdraw()
    withdraw()
    await vi.advanceTimersByTimeAsync(200)
    expect(opened.map(({ name }) => name)).toEqual(['before', 'after'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on when one of them fails to open', async () => {
    const { pace, opened, opens } = paceOf()
    const fails = (): never => {
      throw new Error('no login')
    }
    expect(() => pace.inTurn(fails)).toThrow('no login')
    pace.inTurn(opens('after'))
    await vi.advanceTimersByTimeAsync(200)
    expect(opened).toHaveLength(1)
  })

  it('never lets more than five open in a second, nobody wait without need, and nobody overtake', async () => {
    const wish = fc.record({
      afterMs: fc.nat({ max: 400 }),
      turn: fc.constantFrom('inTurn' as const, 'inTurn' as const, 'first' as const),
      patienceMs: fc.option(fc.nat({ max: 3_000 }), { freq: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { maxLength: 60 }), async wishes => {
        const pace = createConnectPace(Date.now)
        const all = wishes.map(each => ({ ...each, askedAt: 0, openedAt: Number.NaN, withdrawn: false }))
        for (const each of all) {
          await vi.advanceTimersByTimeAsync(each.afterMs)
          each.askedAt = Date.now()
          const withdraw = pace[each.turn](() => {
            expect([each.openedAt, each.withdrawn]).toEqual([Number.NaN, false])
            each.openedAt = Date.now()
          })
          if (each.patienceMs === null) continue
          setTimeout(() => {
            each.withdrawn = Number.isNaN(each.openedAt)
            withdraw()
          }, each.patienceMs)
        }
        await vi.advanceTimersByTimeAsync(60_000)
        expect(all.filter(({ withdrawn, openedAt }) => Number.isNaN(openedAt) !== withdrawn)).toEqual([])
        const opened = all.filter(({ withdrawn }) => !withdrawn)
        for (const { openedAt, askedAt } of opened) {
          const before = opened.filter(other => other.openedAt > openedAt - 1_000 && other.openedAt <= openedAt)
          expect(before.length).toBeLessThanOrEqual(5)
          if (openedAt > askedAt) expect(opened.some(other => other.openedAt === openedAt - 200)).toBe(true)
        }
        for (const turn of ['inTurn', 'first'] as const) {
          const instants = opened.filter(each => each.turn === turn).map(({ openedAt }) => openedAt)
          expect(instants).toEqual(instants.toSorted((a, b) => a - b))
        }
      }),
    )
  })
})
