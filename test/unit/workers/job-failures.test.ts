import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { JobFailures } from '../../../plugin/workers/job-failures.ts'

const HOUR_MS = 3_600_000
/** Whoever wrote; and what nobody wrote. */
const writes = (sender: string) => sender
const CALLED = null

/** Whether each of these, a minute apart, is one too many. */
const tooMany = (...ended: Parameters<JobFailures['note']>[0][]): boolean[] => {
  const failures = new JobFailures()
  return ended.map((each, index) => failures.note(each, index * 60_000))
}

describe('evaluations that had to be ended', () => {
  it('are too many when three people wrote what they were about', () => {
    expect(tooMany(writes('a'), writes('b'), writes('c'))).toEqual([false, false, true])
    expect(tooMany(writes('a'), writes('b'), writes('a'), writes('b'))).toEqual([false, false, false, false])
  })

  it('are never too many by one person, however often', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), times => {
        expect(tooMany(...Array.from({ length: times }, () => writes('a')))).not.toContain(true)
      }),
    )
  })

  it('count each time where nobody has written anything', () => {
    expect(tooMany(CALLED, CALLED, CALLED)).toEqual([false, false, true])
    expect(tooMany(writes('a'), CALLED, writes('a'), CALLED)).toEqual([false, false, false, true])
  })

  it('are forgotten after an hour', () => {
    const failures = new JobFailures()
    expect([0, 1, HOUR_MS + 1, HOUR_MS + 2].map(at => failures.note(CALLED, at))).not.toContain(true)
    expect(failures.note(CALLED, HOUR_MS + 3)).toBe(true)
  })
})
