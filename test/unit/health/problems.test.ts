import { describe, expect, it } from 'vitest'

import { AgentFailures } from '../../../plugin/health/agent-failures.ts'
import { BackendState } from '../../../plugin/health/backend-state.ts'
import { type AccountName, DEFAULT_ACCOUNT, LOCAL_ORG, type OrgId } from '../../../plugin/contract/ids.ts'
import { type Problem, PROBLEM_CODES, problemWords } from '../../../plugin/contract/problem.ts'
import { isFull } from '../../../plugin/files/disk-space.ts'
import { Problems } from '../../../plugin/health/problems.ts'
import { keptLog } from '../../support/host.ts'

const ACME = 'org_acme' as OrgId
const SALES = 'sales' as AccountName
const MINUTE_MS = 60_000

const problem = (given: Partial<Problem> = {}): Problem => ({
  code: 'dead_letters',
  org: ACME,
  account: DEFAULT_ACCOUNT,
  agent: null,
  count: 1,
  cause: null,
  since: 1_000,
  ...given,
})

const watched = () => {
  const log = keptLog()
  return { log, problems: new Problems(log.log) }
}

describe('What is wrong', () => {
  it('is logged once when it begins and once when it is over, however often it is found', () => {
    const { log, problems } = watched()
    problems.take([problem()])
    problems.take([problem({ count: 3 })])
    problems.take([])
    problems.take([])
    const lines = log.lines.filter(({ event }) => event.startsWith('problem'))
    expect(lines.map(({ level, event }) => [level, event])).toEqual([
      ['warn', 'problem'],
      ['info', 'problem over'],
    ])
  })

  it('is an error in the log when it holds up messages, and a warning else', () => {
    const { log, problems } = watched()
    problems.take(PROBLEM_CODES.map(code => problem({ code })))
    const levels = Object.fromEntries(log.lines.map(({ level, fields }) => [fields['problem'], level]))
    expect(levels).toMatchObject({
      disk_full: 'error',
      store_unusable: 'error',
      journal_waiting: 'error',
      audit_failing: 'error',
      agent_failing: 'warn',
      turn_too_long: 'warn',
      dead_letters: 'warn',
    })
  })

  it('keeps the instant at which it began', () => {
    const { problems } = watched()
    problems.take([problem({ since: 1_000 })])
    problems.take([problem({ since: 9_000, count: 2 })])
    expect(problems.of(ACME)).toEqual([problem({ since: 1_000, count: 2 })])
  })

  it('is shown to its org, and to all what is of the host', () => {
    const { problems } = watched()
    const full = problem({ code: 'disk_full', org: null, account: null })
    problems.take([problem(), full])
    expect(problems.of(ACME)).toEqual([full, problem()])
    expect(problems.of(LOCAL_ORG)).toEqual([full])
  })

  it('is of an account when it names it or none, the gravest first', () => {
    const { problems } = watched()
    problems.take([problem({ account: SALES }), problem({ code: 'agent_failing', account: null, agent: 'echo' })])
    expect(problems.ofAccount({ org: ACME, account: SALES })?.code).toBe('agent_failing')
    problems.take([problem({ account: SALES })])
    expect(problems.ofAccount({ org: ACME, account: SALES })?.code).toBe('dead_letters')
    expect(problems.ofAccount({ org: ACME, account: DEFAULT_ACCOUNT })).toBeNull()
  })

  it.each(PROBLEM_CODES)('takes the host out of its balancer only when nobody can be served: %s', code => {
    const { problems } = watched()
    problems.take([problem({ code })])
    expect(problems.isReady).toBe(!['disk_full', 'store_unusable', 'gateway_down'].includes(code))
  })

  it.each(PROBLEM_CODES)('says what is wrong and what to do, with and without all that it may name: %s', code => {
    const named = problem({ code, agent: 'echo', count: 2, cause: 'SQLITE_FULL' })
    for (const each of [named, problem({ code, count: null })]) {
      const { says, todo } = problemWords(each)
      expect([says, todo].join(' ')).not.toMatch(/null|undefined|NaN| {2}/u)
      expect([says.endsWith('.'), todo.endsWith('.')]).toEqual([true, true])
    }
  })

  it('is told to those who watch at each change of what is theirs, and of nothing else', async () => {
    const { problems } = watched()
    const stop = new AbortController()
    const seen: string[][] = []
    const watching = (async () => {
      for await (const each of problems.watch(ACME, stop.signal)) {
        seen.push(each.map(({ code }) => code))
        if (seen.length === 1) {
          problems.take([problem({ org: LOCAL_ORG })])
          queueMicrotask(() => problems.take([problem({ code: 'turn_too_long', agent: 'echo' })]))
        }
        if (seen.length === 2) problems.end()
      }
    })()
    await watching
    expect(seen).toEqual([[], ['turn_too_long']])
  })
})

describe('An agent', () => {
  const turn = { org: ACME, account: DEFAULT_ACCOUNT, agent: 'crm' }
  const failedAt = (...minutes: number[]) => {
    const failures = new AgentFailures()
    for (const minute of minutes) failures.failed(turn, minute * MINUTE_MS)
    return failures
  }

  it('that failed three times within ten minutes is said to fail, until ten minutes after the first of the last three', () => {
    const failures = failedAt(0, 1, 2)
    const codesAt = (minute: number) => failures.problems(minute * MINUTE_MS).map(({ code, agent }) => [code, agent])
    expect(codesAt(2)).toEqual([['agent_failing', 'crm']])
    expect(codesAt(9.9)).toEqual([['agent_failing', 'crm']])
    expect(codesAt(10)).toEqual([])
  })

  it('that failed twice, or three times over more than ten minutes, is not', () => {
    expect(failedAt(0, 1).problems(MINUTE_MS)).toEqual([])
    expect(failedAt(0, 6, 11).problems(11 * MINUTE_MS)).toEqual([])
  })

  it('is judged apart from others, and in each account', () => {
    const failures = failedAt(0, 1)
    failures.failed({ ...turn, agent: 'echo' }, 2 * MINUTE_MS)
    failures.failed({ ...turn, account: SALES }, 2 * MINUTE_MS)
    expect(failures.problems(2 * MINUTE_MS)).toEqual([])
  })
})

describe('Something that the host keeps for the channel', () => {
  const codes = (state: BackendState, now = Date.now()) =>
    state.problems('audit_failing', now).map(({ org, cause }) => [org, cause])

  it('is failing from its first failure to its next success, with the code of the failure and no text', () => {
    const state = new BackendState()
    state.failed(ACME, Object.assign(new Error('/secret/path'), { code: 'ENOSPC' }))
    state.failed(LOCAL_ORG, new Error('the whole text'))
    expect(codes(state)).toEqual([
      [ACME, 'ENOSPC'],
      [LOCAL_ORG, null],
    ])
    state.worked(ACME)
    expect(codes(state)).toEqual([[LOCAL_ORG, null]])
    expect([state.failuresOf(ACME), state.worksFor(ACME), state.worksFor(LOCAL_ORG)]).toEqual([1, true, false])
  })

  it('is not held to be failing ten minutes after it failed last', () => {
    const state = new BackendState()
    state.failed(ACME, new Error('away'))
    expect(codes(state, Date.now() + 9 * MINUTE_MS)).toHaveLength(1)
    expect(codes(state, Date.now() + 11 * MINUTE_MS)).toEqual([])
  })
})

it('A disk is full with less than a mebibyte, and not when the system does not say', () => {
  expect([0, 1_048_575, 1_048_576, null].map(isFull)).toEqual([true, true, false, false])
})
