import { describe, expect, it } from 'vitest'

import { RewritePace } from '../../../plugin/files/vacuum-pace.ts'

const MINUTE_MS = 60_000
const MIB = 2 ** 20

describe('how often a file is rewritten', () => {
  it.each([
    ['a small one once a minute', 5, MINUTE_MS],
    ['one that takes a second each thousand seconds', 1_000, 1_000_000],
  ])('%s', (_what, tookMs, pauseMs) => {
    const clock = { now: 0 }
    const pace = new RewritePace(() => clock.now)
    expect(pace.wait(MIB)).toBe(0)
    pace.took(tookMs)
    expect(pace.wait(MIB)).toBe(pauseMs)
    clock.now = pauseMs - 1
    expect(pace.wait(MIB)).toBe(1)
    clock.now = pauseMs
    expect(pace.wait(MIB)).toBe(0)
  })

  it('one that is larger than 64 MiB never by itself', () => {
    expect([new RewritePace().wait(64 * MIB), new RewritePace().wait(64 * MIB + 1)]).toEqual([0, null])
  })
})
