import { describe, expect, it } from 'vitest'

import type { ListedTurn, StepDecision } from '../../../plugin/contract/turn.ts'
import { DEFAULT_ACCOUNT } from '../../../plugin/contract/ids.ts'
import { ORG_A, call, post, serveApi, tokenOf } from '../../support/api.ts'
import { createMemoryOperations } from '../../support/operations.ts'

const parked: ListedTurn = {
  id: 'trn_1',
  account: DEFAULT_ACCOUNT,
  messageId: 'msg_1',
  agent: 'echo',
  status: 'needs_operator',
  code: 'step_unknown',
  failure: 'Error ETIMEDOUT: CRM timeout',
  attempt: 2,
  beganAt: 2_000,
  deadlineAt: null,
  pieces: 1,
  step: { n: 3, tool: 'mail.send' },
  queuedAt: 0,
  waitsFor: null,
  nextAt: null,
  endedAt: 1_000,
}

/** An api with one parked turn, and what was decided about it. */
async function withParkedTurn() {
  const decided: (readonly [string, StepDecision])[] = []
  const operations = createMemoryOperations({
    turns: {
      list: async () => [parked],
      retry: async (_, id, decision) => {
        decided.push([id, decision])
        return parked
      },
    },
  })
  return { served: await serveApi({ operations }), decided }
}

describe('what an agent failed with', () => {
  it.each([
    ['viewer', null],
    ['member', null],
    ['admin', 'Error ETIMEDOUT: CRM timeout'],
    ['owner', 'Error ETIMEDOUT: CRM timeout'],
  ] as const)('is shown to those who administer the org: %s', async (role, failure) => {
    const { served } = await withParkedTurn()
    await using api = served
    const answer = await call(`${api.url}/api/v1/turns`, { token: tokenOf(ORG_A, role) })
    expect(JSON.parse(answer.text)).toMatchObject({ turns: [{ failure }] })
  })
})

describe('the turns, over REST', () => {
  it('are listed with the step that a person has to decide about', async () => {
    const { served } = await withParkedTurn()
    await using api = served
    const answer = await call(`${api.url}/api/v1/turns?status=needs_operator`, { token: tokenOf(ORG_A, 'viewer') })
    expect(JSON.parse(answer.text)).toEqual({
      turns: [
        {
          id: 'trn_1',
          account: 'default',
          message_id: 'msg_1',
          agent: 'echo',
          status: 'needs_operator',
          code: 'step_unknown',
          failure: null,
          attempt: 2,
          began_at: '1970-01-01T00:00:02.000Z',
          deadline_at: null,
          step: { number: 3, tool: 'mail.send' },
          pieces: 1,
          waits_for: null,
          queued_at: '1970-01-01T00:00:00.000Z',
          next_at: null,
          ended_at: '1970-01-01T00:00:01.000Z',
        },
      ],
    })
  })

  it('are retried with a decision in the body, or without a body', async () => {
    const { served, decided } = await withParkedTurn()
    await using api = served
    const url = `${api.url}/api/v1/turns/trn_1/retry`
    expect((await call(url, { method: 'POST' })).status).toBe(200)
    expect((await post(url, { step: 'skip' })).status).toBe(200)
    expect(decided).toEqual([
      ['trn_1', 'repeat'],
      ['trn_1', 'skip'],
    ])
  })

  it.each([{ id: 'trn_2' }, { step: 'maybe' }, { step: 'skip', why: 'x' }, ['skip'], 'skip', null])(
    'are not retried with the body %j',
    async body => {
      const { served, decided } = await withParkedTurn()
      await using api = served
      expect((await post(`${api.url}/api/v1/turns/trn_1/retry`, body)).status).toBe(400)
      expect(decided).toEqual([])
    },
  )
})
