import { describe, expect, it } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import { ORG_A, ORG_B } from '../../support/api.ts'
import { ids, openedLog, seqsOf } from '../../support/audit.ts'

const DAY_MS = 86_400_000

describe('the entries of an audit log', () => {
  /** A log whose clock the test sets, and that is told of so many entries so many days ago. */
  const agedLog = async (days: string, told: readonly (readonly [org: OrgId, count: number, daysAgo: number])[]) => {
    const clock = { ahead: 0 }
    const now = () => Date.now() + clock.ahead
    const log = await openedLog({ now, environment: { POLICY_AUDIT_RETENTION_DAYS: days } })
    for (const [org, count, daysAgo] of told) {
      clock.ahead = -daysAgo * DAY_MS
      await log.tell(org, ids('a', count))
    }
    clock.ahead = 0
    return log
  }

  it('go when they are old enough, and their numbers are not given out again', async () => {
    await using log = await agedLog('7', [
      [ORG_A, 1_203, 8],
      [ORG_A, 2, 6],
      [ORG_B, 3, 8],
    ])
    await log.audit.removeOld()
    expect(seqsOf(log.all(ORG_A))).toEqual([1_204, 1_205])
    expect(log.all(ORG_B)).toEqual([])
    log.reopened()
    await log.tell(ORG_A, ['next'])
    await log.tell(ORG_B, ['next'])
    expect(seqsOf(log.all(ORG_A))).toEqual([1_204, 1_205, 1_206])
    expect(seqsOf(log.all(ORG_B))).toEqual([4])
  })

  it('are kept for 90 days when nothing else is said, and go at the start of the host', async () => {
    await using log = await agedLog('', [
      [ORG_A, 1, 91],
      [ORG_A, 1, 89],
    ])
    log.reopened()
    expect(seqsOf(log.all(ORG_A))).toEqual([2])
  })

  it('stay without gaps when the clock was wrong for a while', async () => {
    await using log = await agedLog('7', [
      [ORG_A, 2, 8],
      [ORG_A, 1, 1],
      [ORG_A, 2, 9],
      [ORG_A, 1, 0],
    ])
    await log.audit.removeOld()
    expect(seqsOf(log.all(ORG_A))).toEqual([3, 4, 5, 6])
  })

  it.each(['0', '-1', '1.5', 'a week', '100000'])('are not kept for "%s" days', async days => {
    await expect(openedLog({ environment: { POLICY_AUDIT_RETENTION_DAYS: days } })).rejects.toThrow(
      'POLICY_AUDIT_RETENTION_DAYS must be a whole number of days',
    )
  })
})
