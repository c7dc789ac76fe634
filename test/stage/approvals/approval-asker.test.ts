import { expect, it } from 'vitest'

import { parseGroupId } from '../../../plugin/contract/ids.ts'
import { noteSubject } from '../../../plugin/store/messages/group-subjects.ts'
import { TurnRequests } from '../../../plugin/turns/turn-requests.ts'
import { FORGOTTEN } from '../../../plugin/store/messages/messages.ts'
import { approvalDesk, boundTo, type Calls } from '../../support/approval-desk.ts'
import { ACCOUNT, ALICE, given, GROUP, linkedStore, ORG, textFrom } from '../../support/store.ts'

const group = given(parseGroupId('120363000000000001@g.us'))
const directly = { group: null, groupSubject: null }
const pending = { status: 'pending', limit: 10, before: null } as const

it('an approval says who asks for it and in what words, until those have disappeared', async () => {
  await using opened = await boundTo(await linkedStore())
  await using desk = await approvalDesk(opened.store, [], { approvers: new Set() })
  await desk.receive({ ...textFrom(ALICE, 'restart billing'), senderName: 'Boss' })
  await desk.line('turn waits')
  const asked = async () => given((await desk.approvals.list(ORG, pending))[0]).asked
  expect(await asked()).toEqual({ address: ALICE.phone, name: 'Boss', ...directly, text: 'restart billing' })
  await opened.store.connection.updateTable('messages').set({ content: FORGOTTEN }).execute()
  expect(await asked()).toEqual({ address: ALICE.phone, name: 'Boss', ...directly, text: '' })
  const long = JSON.stringify({ kind: 'text', text: 'é'.repeat(5_000) })
  await opened.store.connection.updateTable('messages').set({ content: long }).execute()
  expect(await asked()).toEqual({ address: ALICE.phone, name: 'Boss', ...directly, text: null })
})

it('an approval that is asked for in a group says in which, and what that was called then', async () => {
  await using opened = await boundTo(await linkedStore())
  await using desk = await approvalDesk(opened.store, [], { approvers: new Set() })
  const named = (subject: string, since: number) =>
    opened.store.transaction(transaction => noteSubject(transaction, { ...ACCOUNT, group }, { subject, since }))
  await named('Family', 0)
  await desk.receive({ ...textFrom(ALICE, 'restart billing', { chat: GROUP }), mentioned: true })
  await desk.line('turn waits')
  await named('Boss', Date.now() + 60_000)
  const [approval] = await desk.approvals.list(ORG, pending)
  expect(given(approval).asked).toMatchObject({ group, groupSubject: 'Family' })
})

it('an approval lapses when a person cancels its turn, and its tool is never called', async () => {
  await using opened = await boundTo(await linkedStore())
  const calls: Calls = []
  await using desk = await approvalDesk(opened.store, calls, { approvers: new Set() })
  await desk.receive(textFrom(ALICE, 'restart billing'))
  await desk.line('turn waits')
  const [asked] = await desk.approvals.list(ORG, pending)
  const { id, turnId } = given(asked)
  const { turns, log } = desk
  const cancelled: string[] = []
  const onCancelled = (turn: string) => {
    cancelled.push(turn)
    turns.cancelled([turn])
  }
  const waiting = new TurnRequests({ store: opened.store, log, onQueued: () => turns.wake(), onCancelled })
  await waiting.cancel(ORG, turnId)
  expect(cancelled).toEqual([turnId])
  expect(await desk.approvals.list(ORG, pending)).toEqual([])
  expect(await desk.approvals.list(ORG, { ...pending, status: 'expired' })).toMatchObject([{ id }])
  const decision = { approved: true, note: null, by: 'usr_1' } as const
  await expect(desk.approvals.decide(ORG, id, decision)).rejects.toThrow()
  expect(calls).toEqual([])
})
