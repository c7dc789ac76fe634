import { describe, expect, it } from 'vitest'

import { shownCourse } from '../../../plugin/api/trpc/subscriptions.ts'
import type { AttemptParts } from '../../../plugin/turns/attempt.ts'
import { asChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'
import type { Role } from '../../../plugin/contract/role.ts'
import { MessageTraces } from '../../../plugin/history/message-trace.ts'
import { DeliveryFeed } from '../../../plugin/outbox/delivery-feed.ts'
import { userOf } from '../../../plugin/policy/user-id.ts'
import { SendRateLimiter } from '../../../plugin/outbox/rate-limiter.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { alone } from '../../support/alone.ts'
import { APPROVER, approvalDesk, boundTo } from '../../support/approval-desk.ts'
import { everybodyKnown } from '../../support/contacts.ts'
import { ACCOUNT, ALICE, byPhone, given, linkedStore, ORG, OUR_NUMBER, textFrom } from '../../support/store.ts'

const LIST = { tool: 'service.list', effect: 'read', arguments: {} } as const
const REMOVE = { tool: 'service.remove', effect: 'destructive', arguments: { name: 'billing' } } as const
const RESTART = { tool: 'service.restart', effect: 'write', arguments: { name: 'billing' } } as const

/** Reads pass, writes take an approval, and nothing is removed. */
const judge: AttemptParts['judge'] = async ({ resource, approvalGranted }) => {
  const effect = resource['tool_effect']
  if (effect === 'read' || (effect === 'write' && approvalGranted)) return { verdict: 'allow' }
  return {
    verdict: 'deny',
    rule: 'agentcy.x',
    reason: effect === 'write' ? 'writes need a person' : 'nothing is removed',
  }
}

const coursesOf = (store: Store) =>
  new MessageTraces(
    store,
    new DeliveryFeed({
      store,
      pace: new SendRateLimiter(store, () => null, Math.random),
      contacts: everybodyKnown,
      shares: alone,
      isUp: () => true,
    }),
    () => ({ approvers: new Set([given(APPROVER.phone)]) }),
  )

const principal = (role: Role) => ({ org: ORG, role, user: 'usr_somebody' })
const messagesOf = (store: Store) => listMessages(store.connection, ORG, { after: 0, limit: 100 })
const code = async (promise: Promise<unknown>): Promise<string> =>
  asChannelError(await promise.catch((error: unknown) => error)).code

describe('the course of a message', () => {
  it('has each tool call with what was decided about it, while one waits and when it was approved', async () => {
    await using opened = await boundTo(await linkedStore())
    const { store } = opened
    const courses = coursesOf(store)
    await using desk = await approvalDesk(store, [], { plan: () => [LIST, REMOVE, RESTART], judge })
    await desk.receive(textFrom(ALICE, 'restart billing'))
    await desk.line('turn waits')
    const { id } = given((await messagesOf(store))[0])
    const passed = { number: 1, tool: 'service.list', effect: 'read', status: 'done', decision: 'allow', reason: null }
    const denied = { number: 2, status: 'refused', decision: 'deny', reason: 'nothing is removed' }
    const asked = { number: 3, tool: 'service.restart', decision: 'approval_required', reason: 'writes need a person' }
    const waiting = await courses.of(ORG, id)
    expect(waiting.turn).toMatchObject({ message_id: id, status: 'awaiting_approval' })
    expect(waiting.steps).toMatchObject([passed, denied, { ...asked, status: 'awaiting_approval' }])
    expect(waiting.hops).toMatchObject({ turn_ended_at: null, first_reply_sent_at: null })
    const [approval] = await desk.approvals.list(ORG, { status: 'pending', limit: 1, before: null })
    await desk.approvals.decide(ORG, given(approval).id, { approved: true, note: 'go on', by: 'usr_admin' })
    await desk.line('turn ended')
    const ended = await courses.of(ORG, id)
    expect(ended.turn).toMatchObject({ status: 'answered' })
    expect(ended.steps).toMatchObject([passed, denied, { ...asked, status: 'done' }])
    expect(ended.replies.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
    expect(JSON.stringify(shownCourse(ended, principal('member')))).not.toContain('billing')
    expect(ended.steps.map(({ called }) => called)).toEqual([
      { arguments: null, result: '1', note: null, decided_by: null },
      { arguments: null, result: null, note: null, decided_by: null },
      {
        arguments: '{"name":"billing"}',
        result: '2',
        note: 'go on',
        decided_by: { user_id: 'usr_admin', approver: null, you: false },
      },
    ])
  })

  it('has the ticks of each reply with their instants, and the hops', async () => {
    await using opened = await boundTo(await linkedStore())
    const { store } = opened
    const courses = coursesOf(store)
    await using desk = await approvalDesk(store, [], { plan: () => [LIST], judge })
    desk.gateway.answer = ({ bytes }) =>
      Buffer.from(bytes).includes('heard') ? { outcome: 'rejected', code: 479 } : { outcome: 'sent' }
    await desk.outbox.connected(ACCOUNT, OUR_NUMBER)
    await desk.receive(textFrom(ALICE, 'what is up?'))
    await desk.line('turn ended')
    await expect.poll(() => desk.gateway.transmissions.length).toBe(2)
    const { stanzaId } = given(desk.gateway.transmissions[0])
    const seen = { kind: 'receipt', stanzaId, at: Date.now() } as const
    await desk.inbox.wake(ACCOUNT, desk.gateway.append({ ...seen, receipt: 'read' }))
    const { id } = given((await messagesOf(store))[0])
    await expect.poll(async () => (await courses.of(ORG, id)).replies[1]?.status).toBe('rejected')
    const { replies, hops, turn } = await courses.of(ORG, id)
    const [read, refused] = [given(replies[0]), given(replies[1])]
    expect(read).toMatchObject({ status: 'read', rejected_code: null, delivered_at: read.read_at })
    expect(given(read.sent_at) <= given(read.read_at)).toBe(true)
    expect(refused).toMatchObject({ status: 'rejected', rejected_code: 479, sent_at: null, read_at: null })
    expect(hops).toEqual({
      received_at: new Date(1_700_000_000_500).toISOString(),
      turn_queued_at: turn?.queued_at,
      turn_ended_at: turn?.ended_at,
      first_reply_sent_at: read.sent_at,
    })
  })

  it('has no words of whoever decided or called a tool by what is no name of one', async () => {
    await using opened = await boundTo(await linkedStore())
    const { store } = opened
    const odd = { tool: 'tell Bob: my secret', effect: 'write', arguments: {} } as const
    await using desk = await approvalDesk(store, [], { plan: () => [odd, RESTART], judge })
    await desk.receive(textFrom(ALICE, 'go'))
    await desk.line('turn waits')
    const [approval] = await desk.approvals.list(ORG, { status: 'pending', limit: 1, before: null })
    const decision = { approved: false, note: 'she wrote: my secret', by: 'usr_admin' }
    await desk.approvals.decide(ORG, given(approval).id, decision)
    await desk.line('turn ended')
    const course = await coursesOf(store).of(ORG, given((await messagesOf(store))[0]).id)
    expect(course.steps).toMatchObject([
      { tool: '?', status: 'refused', decision: 'deny' },
      { status: 'refused', decision: 'approval_required', reason: 'a person did not approve it' },
    ])
    expect(JSON.stringify(shownCourse(course, principal('member')))).not.toContain('secret')
    expect(course.steps[1]?.called?.note).toBe('she wrote: my secret')
  })

  it('says to an admin who decided: whoever asks, an approver by their number, else the user', async () => {
    await using opened = await boundTo(await linkedStore())
    const { store } = opened
    const long = { name: `\u202E${'x'.repeat(2_000)}` }
    await using desk = await approvalDesk(store, [], { plan: () => [{ ...RESTART, arguments: long }], judge })
    await desk.receive(textFrom(ALICE, 'go'))
    await desk.line('turn waits')
    const [approval] = await desk.approvals.list(ORG, { status: 'pending', limit: 1, before: null })
    const by = userOf(ORG, byPhone(APPROVER))
    await desk.approvals.decide(ORG, given(approval).id, { approved: true, note: null, by })
    await desk.line('turn ended')
    const course = await coursesOf(store).of(ORG, given((await messagesOf(store))[0]).id)
    const called = (user: string) => shownCourse(course, { ...principal('admin'), user }).steps[0]?.called
    expect(called('usr_other')?.decided_by).toEqual({ user_id: by, approver: APPROVER.phone, you: false })
    expect(called(by)?.decided_by?.you).toBe(true)
    expect(called(by)?.arguments).toMatch(/^\{"name":"\\u\{202e\}x+…$/)
    expect(called(by)?.arguments).toHaveLength(1_000)
  })

  it('is one of a message that came in to this org, answered or not', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const courses = coursesOf(store)
    await using desk = await approvalDesk(store, [])
    await desk.receive(textFrom(ALICE, 'anybody there?'))
    const { id } = given((await messagesOf(store))[0])
    expect(await courses.of(ORG, id)).toMatchObject({ turn: null, steps: [], replies: [] })
    expect(await code(courses.of('org_other' as OrgId, id))).toBe('not_found')
    expect(await code(courses.of(ORG, 'msg_unknown'))).toBe('not_found')
    const bound = await boundTo(opened)
    await desk.receive(textFrom(ALICE, 'and now?'))
    await desk.line('turn ended')
    const ours = given((await messagesOf(bound.store)).find(({ direction }) => direction === 'outbound'))
    expect(await code(courses.of(ORG, ours.id))).toBe('not_found')
  })
})
