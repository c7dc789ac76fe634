import { expect, it } from 'vitest'

import type { ApprovalState } from '../../../plugin/contract/approval.ts'
import type { PolicyQuestion, PolicyVerdict } from '../../../plugin/contract/policy.ts'
import {
  APPROVER,
  approvalDesk,
  boundTo,
  type Calls,
  lastQuestion,
  reactionOf,
  saidTo,
} from '../../support/approval-desk.ts'
import { unjudged } from '../../support/policies.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { useApproval } from '../../../plugin/store/turns/approvals.ts'
import { ALICE, linkedStore, ORG, textFrom } from '../../support/store.ts'

const restart = () => textFrom(ALICE, 'restart billing')
const RESTARTED = { tool: 'service.restart', effect: 'write', arguments: { name: 'billing' } }

it('an approval that lets another call pass in between is asked for anew, and the step was not begun', async () => {
  await using opened = await boundTo(await linkedStore())
  const calls: Calls = []
  const useIt = async (standing: ApprovalState): Promise<void> => {
    if (standing.status !== 'approved') return
    await opened.store.transaction(trx => trx.updateTable('approvals').set({ used_at: 1 }).execute())
  }
  await using desk = await approvalDesk(opened.store, calls, { sought: useIt })
  await desk.receive(restart())
  await desk.line('turn waits')
  await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
  expect((await desk.line('turn failed')).fields).toMatchObject({ code: 'storage' })
  await desk.line('turn waits', 2)
  expect(await saidTo(opened.store, APPROVER.phone)).toHaveLength(2)
  expect(calls).toEqual([])
})

/** A call is approved, and the host stops while its step is being recorded. */
async function stoppedOnceApproved(store: Store) {
  const calls: Calls = []
  const judge = ({ approvalGranted }: PolicyQuestion): Promise<PolicyVerdict> => {
    if (approvalGranted) setImmediate(() => void first.turns.close())
    return unjudged()
  }
  const first = await approvalDesk(store, calls, { judge })
  await first.receive(restart())
  await first.line('turn waits')
  await first.receive(reactionOf(APPROVER, '👍', (await lastQuestion(store, APPROVER.phone)).stanzaId))
  await first.line('turn interrupted')
  await first[Symbol.asyncDispose]()
  return { gateway: first.gateway, calls }
}

it('an approval whose call was taken back before it was made lets it pass later, and nobody is asked again', async () => {
  await using opened = await boundTo(await linkedStore())
  const { gateway, calls } = await stoppedOnceApproved(opened.store)
  expect(calls).toEqual([])
  await using desk = await approvalDesk(opened.store, calls, { gateway })
  await desk.line('turn ended')
  expect(calls).toEqual([RESTARTED])
  expect(await saidTo(opened.store, APPROVER.phone)).toHaveLength(1)
})

it('an approval that is not used for as long as it had to be given lets nothing pass, and says why', async () => {
  await using opened = await boundTo(await linkedStore())
  const { gateway, calls } = await stoppedOnceApproved(opened.store)
  const approvals = () => opened.store.connection.selectFrom('approvals').selectAll().executeTakeFirstOrThrow()
  const { id, decided_at, expires_at, requested_at } = await approvals()
  const span = expires_at - requested_at
  await opened.store.transaction(trx =>
    trx
      .updateTable('approvals')
      .set({ decided_at: Number(decided_at) - span })
      .execute(),
  )
  await using desk = await approvalDesk(opened.store, calls, { gateway })
  const listed = (status: 'approved' | 'expired') => desk.approvals.list(ORG, { status, limit: 10, before: null })
  expect([await listed('approved'), (await listed('expired')).map(({ status }) => status)]).toEqual([[], ['expired']])
  await desk.line('turn ended')
  expect(calls).toEqual([])
  expect((await saidTo(opened.store, ALICE.phone)).map(({ text }) => text)).toEqual(
    expect.arrayContaining(['That was approved too long ago.', 'refused: it was approved too long ago']),
  )
  expect(await opened.store.transaction(trx => useApproval(trx, id))).toBe(false)
})
