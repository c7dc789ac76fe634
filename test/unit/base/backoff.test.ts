import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createBackoff } from '../../../plugin/base/backoff.ts'

/** How often a server is met within `forMs` when it drops everybody who was up for `upMs`. */
function attemptsWithin(forMs: number, upMs: number, random: () => number): number {
  const backoff = createBackoff(random)
  let attempts = 0
  for (let now = 0; now < forMs; now += upMs + backoff.next(upMs)) attempts += 1
  return attempts
}

describe('the backoff', () => {
  it('lets a server that flaps for a minute meet at most 8 attempts, whatever chance says', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        fc.nat({ max: 5_000 }),
        (chances, upMs) => attemptsWithin(60_000, upMs, () => chances.next().value) <= 8,
      ),
    )
    expect(attemptsWithin(60_000, 0, () => 0)).toBe(8)
  })

  it('doubles its ceiling from 2 s to 5 min', () => {
    const backoff = createBackoff(() => 1)
    expect(Array.from({ length: 10 }, () => backoff.next(0) / 1000)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  })

  it('begins again after a minute up, and not before', () => {
    const backoff = createBackoff(() => 1)
    for (let failures = 0; failures < 5; failures++) backoff.next(0)
    expect(backoff.next(59_999)).toBe(64_000)
    expect(backoff.next(60_000)).toBe(2_000)
  })

  it('spreads its waits over the ceiling', () => {
    const backoff = createBackoff(() => 0.5)
    expect([backoff.next(0), backoff.next(0)]).toEqual([1_000, 2_000])
  })
})
