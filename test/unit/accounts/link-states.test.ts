import { describe, expect, it } from 'vitest'

import type { ConnectionState } from '../../../plugin/contract/connection.ts'
import type { Phone } from '../../../plugin/contract/ids.ts'
import type { Problem } from '../../../plugin/contract/problem.ts'
import { ConnectionStates } from '../../../plugin/accounts/connection-states.ts'
import { keptLog } from '../../support/host.ts'
import { ACCOUNT } from '../../support/store.ts'

const UP: ConnectionState = { status: 'connected', phone: '+447400100001' as Phone, since: 5 }
const WAITING: ConnectionState = { status: 'waiting', reason: 'connection_lost', permanent: false, retryAt: 9 }
const STORAGE: ConnectionState = { status: 'degraded', reason: 'storage', permanent: false, retryAt: 9 }

const problem = (code: Problem['code']): Problem => ({
  code,
  org: null,
  account: null,
  agent: null,
  count: null,
  cause: null,
  since: 0,
})

function states() {
  const log = keptLog()
  const standing: { problem: Problem | null } = { problem: null }
  return { log, standing, links: new ConnectionStates(log.log, () => standing.problem) }
}

const levels = ({ log }: ReturnType<typeof states>) => log.lines.map(({ level, fields }) => [level, fields['status']])

describe('A link that is up', () => {
  it('is shown as degraded, with its number and since when, while something is wrong beside it', () => {
    const { links, standing } = states()
    links.show(ACCOUNT, UP)
    standing.problem = problem('dead_letters')
    links.problemsChanged()
    expect(links.of(ACCOUNT)).toEqual({ ...UP, status: 'degraded', reason: 'dead_letters', permanent: false })
    standing.problem = null
    links.problemsChanged()
    expect(links.of(ACCOUNT)).toEqual(UP)
  })

  it('is shown so as well when it comes up meanwhile', () => {
    const { links, standing } = states()
    standing.problem = problem('turn_too_long')
    links.show(ACCOUNT, UP)
    expect(links.of(ACCOUNT)).toMatchObject({ status: 'degraded', reason: 'turn_too_long' })
  })
})

describe('A link that is not up', () => {
  it.each([WAITING, { status: 'connecting' }, { status: 'not_paired', reason: null }] as ConnectionState[])(
    'keeps its own reason, whatever else is wrong: %o',
    state => {
      const { links, standing } = states()
      standing.problem = problem('disk_full')
      links.show(ACCOUNT, state)
      expect(links.of(ACCOUNT)).toEqual(state)
    },
  )

  it('because its file cannot be written says that the disk is full when it is', () => {
    const { links, standing } = states()
    links.show(ACCOUNT, STORAGE)
    standing.problem = problem('agent_failing')
    links.problemsChanged()
    expect(links.of(ACCOUNT)).toEqual(STORAGE)
    standing.problem = problem('disk_full')
    links.problemsChanged()
    expect(links.of(ACCOUNT)).toEqual({ ...STORAGE, reason: 'disk_full' })
  })
})

describe('The log', () => {
  it('has why a link is lost once, however often it is tried again, and again after it was up', () => {
    const made = states()
    for (const state of [WAITING, { status: 'connecting' } as const, WAITING, UP, WAITING])
      made.links.log(ACCOUNT, state)
    expect(levels(made)).toEqual([
      ['warn', 'waiting'],
      ['debug', 'connecting'],
      ['debug', 'waiting'],
      ['info', 'connected'],
      ['warn', 'waiting'],
    ])
  })

  it('has another reason as another word, and what waiting does not help as an error', () => {
    const made = states()
    const stopped = { status: 'stopped', reason: 'logged_out', permanent: true, detail: 'Link it.' } as const
    for (const state of [WAITING, STORAGE, stopped, stopped]) made.links.log(ACCOUNT, state)
    expect(levels(made)).toEqual([
      ['warn', 'waiting'],
      ['warn', 'degraded'],
      ['error', 'stopped'],
      ['debug', 'stopped'],
    ])
  })
})
