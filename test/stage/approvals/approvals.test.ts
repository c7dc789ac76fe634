import { describe, expect, it } from 'vitest'

import type { ApprovalState } from '../../../plugin/contract/approval.ts'
import type { Approvals } from '../../../plugin/approvals/approvals.ts'
import type { PolicyQuestion, PolicyVerdict, ToolCall } from '../../../plugin/contract/policy.ts'
import { TurnRequests } from '../../../plugin/turns/turn-requests.ts'
import {
  APPROVER,
  approvalDesk,
  boundTo,
  type Calls,
  lastQuestion,
  OTHER_APPROVER,
  reactionOf,
  replyOf,
  saidTo,
} from '../../support/approval-desk.ts'
import { ALICE, GROUP, given, linkedStore, ORG, textFrom } from '../../support/store.ts'

const restart = () => textFrom(ALICE, 'restart billing')
const RESTARTED = { tool: 'service.restart', effect: 'write', arguments: { name: 'billing' } }
const texts = async (...given_: Parameters<typeof saidTo>) => (await saidTo(...given_)).map(({ text }) => text)
const ASKED = 'I may not do that by myself. I have asked for approval and go on once it is decided.'
const pending = { status: 'pending', limit: 10, before: null } as const

describe('a tool call that takes an approval', () => {
  it('waits for an approver, who is asked in a chat of their own, and passes once they have reacted with a thumb', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    await using desk = await approvalDesk(opened.store, calls)
    await desk.receive(restart())
    await desk.line('turn waits')
    expect(calls).toEqual([])
    expect(await texts(opened.store, ALICE.phone)).toEqual([ASKED])
    const question = await lastQuestion(opened.store, APPROVER.phone)
    expect(question.text.split('\n')).toEqual([
      'Approval needed: service.restart (write).',
      `Asked by ${ALICE.phone}.`,
      "Why: a write tool needs a person's approval.",
      'React to this message with 👍 or 👎, or reply yes or no to it. It lapses in 5 min.',
      'Arguments: {"name":"billing"}',
    ])
    await desk.receive(reactionOf(APPROVER, '👍🏽', question.stanzaId))
    await desk.line('turn ended')
    expect(calls).toEqual([RESTARTED])
    expect(desk.audited.map(({ action, decision }) => `${action} ${decision}`)).toEqual([
      'chat.tool.execute deny',
      'approval.decide allow',
      'chat.tool.execute deny',
      'chat.tool.execute allow',
    ])
    expect(desk.audited[1]?.resource).not.toHaveProperty('request')
    expect(JSON.stringify(desk.audited)).not.toMatch(/billing|\+9725/)
    expect(await texts(opened.store, ALICE.phone)).toEqual([
      ASKED,
      'That was approved.',
      'done service.restart',
      'heard restart billing',
    ])
  })

  it.each([
    ['👎', (stanzaId: string) => reactionOf(APPROVER, '👎', stanzaId)],
    ['a reply of "No"', (stanzaId: string) => replyOf(APPROVER, ' No ', stanzaId)],
  ])('is refused by %s, and both the agent and whoever asked learn of it', async (_, answer) => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    await using desk = await approvalDesk(opened.store, calls)
    await desk.receive(restart())
    await desk.line('turn waits')
    await desk.receive(answer((await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
    await desk.line('turn ended')
    expect(calls).toEqual([])
    expect((await texts(opened.store, ALICE.phone)).slice(1)).toEqual([
      'That was not approved.',
      'refused: a person did not approve it',
      'heard restart billing',
    ])
  })

  it('is decided through the API as well, with a note that the agent sees', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    await using desk = await approvalDesk(opened.store, calls, { approvers: new Set() })
    await desk.receive(restart())
    await desk.line('turn waits')
    const [approval] = await desk.approvals.list(ORG, pending)
    expect(approval).toMatchObject({ ...RESTARTED, status: 'pending', step: 1, note: null, decidedBy: null })
    const decision = { approved: false, note: 'not on a Friday', by: 'usr_admin', request: 'req_of_the_call' }
    expect(await desk.approvals.decide(ORG, given(approval).id, decision)).toMatchObject({
      status: 'denied',
      note: 'not on a Friday',
      decidedBy: 'usr_admin',
    })
    await desk.line('turn ended')
    const [told] = desk.audited.filter(({ action }) => action === 'approval.decide')
    expect(told).toMatchObject({ decision: 'deny', user: 'usr_admin', resource: { request: 'req_of_the_call' } })
    expect(await texts(opened.store, ALICE.phone)).toContain('refused: a person did not approve it: not on a Friday')
    const again = desk.approvals.decide(ORG, given(approval).id, { ...decision, approved: true })
    await expect(again).rejects.toMatchObject({ code: 'approval_decided' })
    await expect(desk.approvals.decide(ORG, 'apr_none', decision)).rejects.toMatchObject({ code: 'not_found' })
    expect(await desk.approvals.list(ORG, pending)).toEqual([])
    expect(calls).toEqual([])
  })

  it('lapses when nobody decides, and then nobody can any more', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    await using desk = await approvalDesk(opened.store, calls, { approvalTimeoutMs: 20 })
    await desk.receive(restart())
    await desk.line('turn ended')
    expect((await texts(opened.store, ALICE.phone)).slice(1)).toEqual([
      'Nobody approved that in time.',
      'refused: nobody approved it in time',
      'heard restart billing',
    ])
    const [approval] = await desk.approvals.list(ORG, { ...pending, status: 'expired' })
    const late = desk.approvals.decide(ORG, given(approval).id, { approved: true, note: null, by: 'usr_admin' })
    await expect(late).rejects.toMatchObject({ code: 'approval_decided' })
    expect(calls).toEqual([])
  })

  it('lets its chat go on in the meantime', async () => {
    await using opened = await boundTo(await linkedStore())
    await using desk = await approvalDesk(opened.store, [])
    await desk.receive(restart())
    await desk.line('turn waits')
    await desk.receive(textFrom(ALICE, 'are you there?'))
    await desk.line('turn ended')
    expect(await texts(opened.store, ALICE.phone)).toEqual([ASKED, 'heard are you there?'])
  })

  it('takes an approval for each time that it is made, and for each of its arguments', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    const call = (name: string): ToolCall => ({ tool: 'service.restart', effect: 'write', arguments: { name } })
    const plan = () => [call('billing'), call('billing'), call('mail')]
    await using desk = await approvalDesk(opened.store, calls, { plan })
    await desk.receive(restart())
    for (const times of [1, 2, 3]) {
      await desk.line('turn waits', times)
      expect(calls).toHaveLength(times - 1)
      await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
    }
    await desk.line('turn ended')
    expect(calls).toEqual([call('billing'), call('billing'), call('mail')])
    const questions = (await texts(opened.store, APPROVER.phone)).map(text => text.split('\n').at(-1))
    expect(questions).toEqual([
      'Arguments: {"name":"billing"}',
      'Arguments: {"name":"billing"}',
      'Arguments: {"name":"mail"}',
    ])
  })

  it('is asked of every approver but the one who asks, and the first word counts', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    const approvers = new Set([ALICE, APPROVER, OTHER_APPROVER].map(({ phone }) => given(phone)))
    await using desk = await approvalDesk(opened.store, calls, { approvers })
    await desk.receive(textFrom(ALICE, 'restart billing', { chat: GROUP, senderName: 'Boss\nApproved: yes' }))
    await desk.line('turn waits')
    expect(await saidTo(opened.store, ALICE.phone)).toEqual([])
    const [mine, other] = [
      await lastQuestion(opened.store, APPROVER.phone),
      await lastQuestion(opened.store, OTHER_APPROVER.phone),
    ]
    expect(mine.text).toContain(`Asked by ${ALICE.phone} (who is called "Boss\\nApproved: yes" there) in a group.`)
    await desk.receive(reactionOf(OTHER_APPROVER, '👎', other.stanzaId), reactionOf(APPROVER, '👍', mine.stanzaId))
    await desk.line('turn ended')
    expect(calls).toEqual([])
  })

  it('is judged anew by the policies when it is approved', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    const state = { closed: false }
    const judge = ({ approvalGranted }: PolicyQuestion): Promise<PolicyVerdict> => {
      const allows = approvalGranted && !state.closed
      return Promise.resolve(
        allows ? { verdict: 'allow' } : { verdict: 'deny', rule: 'agentcy.x.deny', reason: 'closed' },
      )
    }
    await using desk = await approvalDesk(opened.store, calls, { judge })
    await desk.receive(restart())
    await desk.line('turn waits')
    state.closed = true
    await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
    await desk.line('turn ended')
    expect(calls).toEqual([])
    expect(await texts(opened.store, ALICE.phone)).toContain('refused: closed')
  })
})

describe('a question that is too long for a phone', () => {
  const name = 'x'.repeat(1_600)
  const plan = () => [{ tool: 'service.restart', effect: 'write', arguments: { name } } as const]

  it.each([
    ['👍', (stanzaId: string) => reactionOf(APPROVER, '👍', stanzaId)],
    ['👎', (stanzaId: string) => reactionOf(APPROVER, '👎', stanzaId)],
    ['a reply of "yes"', (stanzaId: string) => replyOf(APPROVER, 'yes', stanzaId)],
  ])('is decided by no %s: whoever answers is told where it is, once', async (_, answer) => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    await using desk = await approvalDesk(opened.store, calls, { plan })
    await desk.receive(restart())
    await desk.line('turn waits')
    const question = await lastQuestion(opened.store, APPROVER.phone)
    expect(question.text).not.toContain('xx')
    await desk.receive(answer(question.stanzaId))
    await desk.receive(answer(question.stanzaId))
    const [, ...said] = await texts(opened.store, APPROVER.phone)
    expect(said).toEqual([expect.stringContaining('That decides nothing')])
    const [approval, ...more] = await desk.approvals.list(ORG, pending)
    expect(more).toEqual([])
    expect(calls).toEqual([])
    expect(desk.audited.filter(({ action }) => action === 'approval.decide')).toEqual([])
    const outcomes = await opened.store.connection
      .selectFrom('messages')
      .select('outcome')
      .where('direction', '=', 'inbound')
      .execute()
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['matched', 'ignored: approval', 'ignored: approval'])

    await desk.approvals.decide(ORG, given(approval).id, { approved: true, note: null, by: 'usr_admin' })
    await desk.line('turn ended')
    expect(calls).toEqual(plan())
  })
})

describe('an approval outlives the process', () => {
  it('that dies while it is pending: it is asked for once, and its call is made once', async () => {
    await using first = await boundTo(await linkedStore())
    const calls: Calls = []
    const before = await approvalDesk(first.store, calls)
    await before.receive(restart())
    await before.line('turn waits')
    await using again = await first.reopened()
    await before[Symbol.asyncDispose]()
    await using desk = await approvalDesk(again.store, calls, { gateway: before.gateway })
    await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(again.store, APPROVER.phone)).stanzaId))
    await desk.line('turn ended')
    expect(calls).toEqual([RESTARTED])
    expect(await saidTo(again.store, APPROVER.phone)).toHaveLength(1)
    expect(await texts(again.store, ALICE.phone)).toEqual([
      ASKED,
      'That was approved.',
      'done service.restart',
      'heard restart billing',
    ])
  })

  it('that lapses while no process runs', async () => {
    await using first = await boundTo(await linkedStore())
    const calls: Calls = []
    const before = await approvalDesk(first.store, calls, { approvalTimeoutMs: 60_000 })
    await before.receive(restart())
    await before.line('turn waits')
    await first.store.transaction(async trx => {
      await trx
        .updateTable('approvals')
        .set({ expires_at: Date.now() - 1 })
        .execute()
      await trx
        .updateTable('turns')
        .set({ next_at: Date.now() - 1 })
        .execute()
    })
    await using again = await first.reopened()
    await before[Symbol.asyncDispose]()
    await using desk = await approvalDesk(again.store, calls)
    await desk.line('turn ended')
    expect(calls).toEqual([])
    expect(await texts(again.store, ALICE.phone)).toContain('refused: nobody approved it in time')
  })

  it('that dies between the approval and the end of the call: nobody guesses, a person decides', async () => {
    await using first = await boundTo(await linkedStore())
    const calls: Calls = []
    const before = await approvalDesk(first.store, calls)
    await before.receive(restart())
    await before.line('turn waits')
    await first.store.transaction(trx => trx.updateTable('approvals').set({ status: 'approved', used_at: 1 }).execute())
    await first.store.transaction(trx => trx.updateTable('steps').set({ status: 'started' }).execute())
    await first.store.transaction(trx => trx.updateTable('turns').set({ status: 'queued', next_at: null }).execute())
    await using again = await first.reopened()
    await before[Symbol.asyncDispose]()
    await using desk = await approvalDesk(again.store, calls)
    expect((await desk.line('turn ended')).fields).toMatchObject({ status: 'needs_operator', code: 'step_unknown' })
    expect(calls).toEqual([])

    // What was approved was one call, which may have been made: another one takes another approval.
    const waiting = new TurnRequests({
      store: again.store,
      log: desk.log,
      onQueued: () => desk.turns.wake(),
      onCancelled: () => undefined,
    })
    const [turn] = await waiting.list(ORG, { account: null, status: 'needs_operator', limit: 1, before: null })
    await waiting.retry(ORG, given(turn).id, 'repeat')
    await desk.line('turn waits')
    expect(await saidTo(again.store, APPROVER.phone)).toHaveLength(2)
    expect(calls).toEqual([])
  })
})

it('an answer that comes before the turn has come to rest is not lost', async () => {
  await using opened = await boundTo(await linkedStore())
  const calls: Calls = []
  const atOnce = async (approval: ApprovalState, approvals: Approvals): Promise<void> => {
    if (approval.status !== 'pending') return
    await approvals.decide(ORG, approval.id, { approved: true, note: null, by: 'usr_admin' })
  }
  await using desk = await approvalDesk(opened.store, calls, { sought: atOnce })
  await desk.receive(restart())
  await desk.line('turn ended')
  expect(calls).toEqual([RESTARTED])
})
