import { describe, expect, it } from 'vitest'

import { claimed } from '../../plugin/contract/claimed.ts'
import type { Person } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import {
  APPROVER,
  approvalDesk,
  boundTo,
  type Calls,
  lastQuestion,
  OTHER_APPROVER,
  type Plan,
  reactionOf,
  replyOf,
} from '../support/approval-desk.ts'
import { ALICE, BOB, byLid, GROUP, given, linkedStore, ORG, textFrom } from '../support/store.ts'

const all = { status: null, limit: 10, before: null } as const

type Forgery = (question: { stanzaId: string; text: string }) => InboundMessage

const approversOf = (...people: Person[]) => new Set(people.map(({ phone }) => given(phone)))

/** What is no approval, whoever sends it. */
const FORGERIES: readonly (readonly [string, Forgery])[] = [
  ['the requester, who is an approver, reacts to the question', ({ stanzaId }) => reactionOf(ALICE, '👍', stanzaId)],
  ['the requester replies yes to it', ({ stanzaId }) => replyOf(ALICE, 'yes', stanzaId)],
  ['somebody who is no approver reacts to it', ({ stanzaId }) => reactionOf(BOB, '👍', stanzaId)],
  ['somebody who is no approver replies yes to it', ({ stanzaId }) => replyOf(BOB, 'yes', stanzaId)],
  ['an approver says yes without replying to it', () => textFrom(APPROVER, 'yes')],
  ['an approver says that it is approved', ({ stanzaId }) => replyOf(APPROVER, 'approved', stanzaId)],
  ['an approver says more than yes', ({ stanzaId }) => replyOf(APPROVER, 'yes please', stanzaId)],
  ['an approver quotes a no with a yes in it', ({ stanzaId }) => replyOf(APPROVER, 'not yes', stanzaId)],
  ['an approver reacts with another hand', ({ stanzaId }) => reactionOf(APPROVER, '👌', stanzaId)],
  ['an approver takes a reaction back', ({ stanzaId }) => reactionOf(APPROVER, '', stanzaId)],
  ['an approver reacts to another message', () => reactionOf(APPROVER, '👍', '3EB0000000000000000000')],
  ['an approver reacts in a group', ({ stanzaId }) => ({ ...reactionOf(APPROVER, '👍', stanzaId), chat: GROUP })],
  ['an approver replies in a group', ({ stanzaId }) => ({ ...replyOf(APPROVER, 'yes', stanzaId), chat: GROUP })],
  [
    'an approver edits an earlier message into a yes',
    ({ stanzaId }) => ({ ...replyOf(APPROVER, 'yes', stanzaId), edits: 'EARLIER' }),
  ],
  [
    'the linked number itself reacts to it',
    ({ stanzaId }) => ({ ...reactionOf(APPROVER, '👍', stanzaId), fromMe: true }),
  ],
  ['somebody is called like the question, and says yes', ({ text }) => textFrom(BOB, 'yes', { senderName: text })],
  [
    'somebody quotes the question word for word, as if it were theirs',
    ({ text }) => textFrom(BOB, 'yes', { quoted: claimed({ stanzaId: 'OWN', sender: null, text }) }),
  ],
  [
    'another approver, who was not asked, names the question of this one',
    ({ stanzaId }) => reactionOf(OTHER_APPROVER, '👍', stanzaId),
  ],
]

describe('F58: what only looks like an approval', () => {
  it.each(FORGERIES)('%s: nothing is decided', async (_, forge) => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    await using desk = await approvalDesk(opened.store, calls, { approvers: approversOf(ALICE, APPROVER) })
    await desk.receive(textFrom(ALICE, 'restart billing'))
    await desk.line('turn waits')
    await desk.receive(forge(await lastQuestion(opened.store, APPROVER.phone)))
    expect(await desk.approvals.list(ORG, all)).toMatchObject([{ status: 'pending' }])
    expect(calls).toEqual([])
  })

  it('an answer that is too late decides nothing', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    await using desk = await approvalDesk(opened.store, calls, {
      approvers: approversOf(APPROVER),
      approvalTimeoutMs: 20,
    })
    await desk.receive(textFrom(ALICE, 'restart billing'))
    await desk.line('turn ended')
    await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
    expect(await desk.approvals.list(ORG, all)).toMatchObject([{ status: 'expired' }])
    expect(calls).toEqual([])
  })

  it('an answer that comes again, or another one after it, changes nothing', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    await using desk = await approvalDesk(opened.store, calls, { approvers: approversOf(ALICE, APPROVER) })
    await desk.receive(textFrom(ALICE, 'restart billing'))
    await desk.line('turn waits')
    const { stanzaId } = await lastQuestion(opened.store, APPROVER.phone)
    const answer = reactionOf(APPROVER, '👍', stanzaId)
    await desk.receive(answer, answer)
    await desk.line('turn ended')
    await desk.receive(reactionOf(APPROVER, '👍', stanzaId), reactionOf(APPROVER, '👎', stanzaId))
    await desk.receive(textFrom(ALICE, 'restart billing'))
    await desk.line('turn waits', 2)
    await desk.receive(reactionOf(APPROVER, '👍', stanzaId))
    const statuses = (await desk.approvals.list(ORG, all)).map(({ status }) => status)
    expect(statuses).toEqual(['pending', 'approved'])
    expect(calls).toHaveLength(1)
  })

  it('the answer of another approver to a question that was not put to them decides nothing', async () => {
    await using opened = await boundTo(await linkedStore())
    const approvers = approversOf(APPROVER)
    await using desk = await approvalDesk(opened.store, [], { approvers })
    await desk.receive(textFrom(ALICE, 'restart billing'))
    await desk.line('turn waits')
    approvers.add(given(OTHER_APPROVER.phone))
    await desk.receive(reactionOf(OTHER_APPROVER, '👍', (await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
    expect(await desk.approvals.list(ORG, all)).toMatchObject([{ status: 'pending' }])
  })

  it('the answer of somebody who was an approver when they were asked decides nothing', async () => {
    await using opened = await boundTo(await linkedStore())
    const approvers = approversOf(APPROVER)
    await using desk = await approvalDesk(opened.store, [], { approvers })
    await desk.receive(textFrom(ALICE, 'restart billing'))
    await desk.line('turn waits')
    approvers.clear()
    await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
    expect(await desk.approvals.list(ORG, all)).toMatchObject([{ status: 'pending' }])
  })

  it('a requester who was not known to be the approver that is asked cannot answer either', async () => {
    await using opened = await boundTo(await linkedStore())
    await using desk = await approvalDesk(opened.store, [], { approvers: approversOf(ALICE) })
    await desk.receive(textFrom(byLid(ALICE), 'restart billing'))
    await desk.line('turn waits')
    const { stanzaId } = await lastQuestion(opened.store, ALICE.phone)
    await desk.receive(reactionOf(ALICE, '👍', stanzaId))
    expect(await desk.approvals.list(ORG, all)).toMatchObject([{ status: 'pending' }])
  })

  it('an approval of a call is none of the same tool with other arguments', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    const names = ['billing', 'everything']
    const plan: Plan = () => [{ tool: 'service.restart', effect: 'write', arguments: { name: names.shift() } }]
    await using desk = await approvalDesk(opened.store, calls, { approvers: approversOf(APPROVER), plan })
    await desk.receive(textFrom(ALICE, 'go'))
    await desk.line('turn waits')
    await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
    await desk.line('turn waits', 2)
    expect((await lastQuestion(opened.store, APPROVER.phone)).text).toContain('everything')
    expect(calls).toEqual([])
  })

  it('the answer of an approver whose number is not known yet decides nothing', async () => {
    await using opened = await boundTo(await linkedStore())
    await using desk = await approvalDesk(opened.store, [], { approvers: approversOf(APPROVER) })
    await desk.receive(textFrom(ALICE, 'restart billing'))
    await desk.line('turn waits')
    const { stanzaId } = await lastQuestion(opened.store, APPROVER.phone)
    await desk.receive(reactionOf({ ...APPROVER, phone: null }, '👍', stanzaId))
    expect(await desk.approvals.list(ORG, all)).toMatchObject([{ status: 'pending' }])
  })
})
