import { Registry } from 'prom-client'
import { expect, it } from 'vitest'

import { DEFAULT_ACCOUNT, LOCAL_ORG } from '../../../plugin/contract/ids.ts'
import { type Problem, PROBLEM_CODES } from '../../../plugin/contract/problem.ts'
import { HealthGauges, type HealthNumbers } from '../../../plugin/metrics/health-gauges.ts'

const WELL: HealthNumbers = {
  problems: [],
  behind: [],
  oldestRunningAt: null,
  approvalsWaiting: 0,
  freeBytes: 5_000_000,
  auditFailures: 0,
  filesWork: true,
}
const ORG = { org: LOCAL_ORG, account: DEFAULT_ACCOUNT }
const DEAD: Problem = { ...ORG, code: 'dead_letters', agent: null, count: 1, cause: null, since: 0 }
const ILL: HealthNumbers = {
  problems: [DEAD, { ...DEAD, code: 'disk_full', org: null, account: null }],
  behind: [{ ...ORG, count: 7, since: 20_000, cause: null }],
  oldestRunningAt: 30_000,
  approvalsWaiting: 2,
  freeBytes: null,
  auditFailures: 3,
  filesWork: false,
}

function gauges() {
  const registry = new Registry()
  const made = new HealthGauges(registry)
  const read = async (numbers: HealthNumbers, reason: string | null): Promise<string[]> => {
    made.set(numbers, [{ account: DEFAULT_ACCOUNT, reason }], 60_000)
    return (await registry.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  }
  return read
}

const isNot = (line: string): boolean => line.endsWith(' 0')

it('says what is wrong, and that the rest is not', async () => {
  const read = gauges()
  const ill = await read(ILL, 'logged_out')
  expect(ill.filter(line => !isNot(line))).toEqual(
    [
      'whatsapp_problem{problem="disk_full",account=""} 1',
      'whatsapp_problem{problem="dead_letters",account="default"} 1',
      'whatsapp_link_reason{account="default",reason="logged_out"} 1',
      'whatsapp_journal_waiting{account="default"} 7',
      'whatsapp_journal_waiting_age_seconds{account="default"} 40',
      'whatsapp_oldest_running_turn_age_seconds 30',
      'whatsapp_approvals_waiting 2',
      'whatsapp_audit_failures_total 3',
    ].sort((one, other) => ill.indexOf(one) - ill.indexOf(other)),
  )
  expect(ill).toContain('whatsapp_artifacts_up 0')
  expect(ill.filter(line => line.includes('account=""'))).toHaveLength(PROBLEM_CODES.length)
})

it('says nothing of it when it is over, and nothing of a disk that does not tell', async () => {
  const read = gauges()
  expect((await read(ILL, 'logged_out')).filter(line => line.includes('disk_free'))).toEqual([])
  const well = await read(WELL, null)
  expect(well.filter(line => !isNot(line))).toEqual(['whatsapp_disk_free_bytes 5000000', 'whatsapp_artifacts_up 1'])
  expect(well.filter(line => line.includes('link_reason'))).toEqual([])
  expect((await read(ILL, null)).filter(line => line.includes('disk_free'))).toEqual([])
})
