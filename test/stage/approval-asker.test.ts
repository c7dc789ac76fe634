import { expect, it } from 'vitest'

import { FORGOTTEN } from '../../plugin/store/messages.ts'
import { approvalDesk, boundTo } from '../support/approval-desk.ts'
import { ALICE, given, linkedStore, ORG, textFrom } from '../support/store.ts'

const pending = { status: 'pending', limit: 10, before: null } as const

it('an approval says who asks for it and in what words, until those have disappeared', async () => {
  await using opened = await boundTo(await linkedStore())
  await using desk = await approvalDesk(opened.store, [], { approvers: new Set() })
  await desk.receive({ ...textFrom(ALICE, 'restart billing'), senderName: 'Boss' })
  await desk.line('turn waits')
  const asked = async () => given((await desk.approvals.list(ORG, pending))[0]).asked
  expect(await asked()).toEqual({ address: ALICE.phone, name: 'Boss', text: 'restart billing' })
  await opened.store.connection.updateTable('messages').set({ content: FORGOTTEN }).execute()
  expect(await asked()).toEqual({ address: ALICE.phone, name: 'Boss', text: '' })
  const long = JSON.stringify({ kind: 'text', text: 'é'.repeat(5_000) })
  await opened.store.connection.updateTable('messages').set({ content: long }).execute()
  expect(await asked()).toEqual({ address: ALICE.phone, name: 'Boss', text: null })
})
