import { sql } from 'kysely'
import { expect, it } from 'vitest'

import {
  APPROVER,
  approvalDesk,
  boundTo,
  type Calls,
  lastQuestion,
  reactionOf,
  saidTo,
} from '../support/approval-desk.ts'
import { ACCOUNT, ALICE, given, linkedStore, ORG, textFrom } from '../support/store.ts'

type Desk = Awaited<ReturnType<typeof approvalDesk>>

const all = { status: null, limit: 10, before: null } as const
const decisions = ({ audited }: Desk) => audited.filter(({ action }) => action === 'approval.decide')
const statusesOf = async ({ approvals }: Desk) => (await approvals.list(ORG, all)).map(({ status }) => status)

/** An audit log that has no room for decisions until there is some. */
function fullAudit() {
  const audit = { isFull: true }
  const auditing = ({ action }: { readonly action: string }): Promise<void> =>
    audit.isFull && action === 'approval.decide' ? Promise.reject(new Error('no room')) : Promise.resolve()
  return { audit, auditing }
}

/** Alice's restart waits for an approver, who answers with a thumb. */
async function answered(desk: Desk, store: Parameters<typeof lastQuestion>[0]): Promise<void> {
  await desk.receive(textFrom(ALICE, 'restart billing'))
  await desk.line('turn waits')
  await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(store, APPROVER.phone)).stanzaId))
}

it('a page with an answer that is rolled back leaves nothing in the audit log; stored again, it leaves one entry', async () => {
  await using opened = await boundTo(await linkedStore())
  const { connection } = opened.store
  const calls: Calls = []
  await using desk = await approvalDesk(opened.store, calls)
  await desk.receive(textFrom(ALICE, 'restart billing'))
  await desk.line('turn waits')
  const { stanzaId } = await lastQuestion(opened.store, APPROVER.phone)
  await sql`create trigger stuck before update on cursors begin select raise(abort, 'stuck'); end`.execute(connection)
  await desk.receive(reactionOf(APPROVER, '👍', stanzaId))
  await desk.line('journal not taken over')
  expect(decisions(desk)).toEqual([])
  expect(await statusesOf(desk)).toEqual(['pending'])
  await sql`drop trigger stuck`.execute(connection)
  await desk.inbox.wake(ACCOUNT)
  await desk.line('turn ended')
  expect(decisions(desk)).toMatchObject([{ decision: 'allow' }])
  expect(calls).toHaveLength(1)
})

it('an answer that the audit log cannot be told lets nothing pass, and does not lapse; it is decided once that can be told', async () => {
  await using opened = await boundTo(await linkedStore())
  const calls: Calls = []
  const { audit, auditing } = fullAudit()
  await using desk = await approvalDesk(opened.store, calls, { auditing })
  await answered(desk, opened.store)
  await desk.line('answer not decided')
  const { id } = given((await desk.approvals.list(ORG, all))[0])
  const other = desk.approvals.decide(ORG, id, { approved: false, note: null, by: 'usr_admin' })
  await expect(other).rejects.toMatchObject({ code: 'approval_decided' })

  const past = Date.now() - 1
  const { connection } = opened.store
  await connection
    .updateTable('approvals')
    .set({ requested_at: past - 600_000, expires_at: past })
    .execute()
  await connection.updateTable('turns').set({ next_at: past }).where('status', '=', 'awaiting_approval').execute()
  desk.turns.wake()
  await desk.line('turn waits', 2)
  expect(await statusesOf(desk)).toEqual(['pending'])
  expect((await desk.approvals.list(ORG, { ...all, status: 'expired' })).length).toBe(0)
  expect(calls).toEqual([])
  expect(decisions(desk)).toEqual([])

  audit.isFull = false
  await desk.line('turn ended')
  expect(calls).toHaveLength(1)
  expect(decisions(desk)).toMatchObject([{ decision: 'allow' }])
  expect((await saidTo(opened.store, ALICE.phone)).map(({ text }) => text)).not.toContain(
    'Nobody approved that in time.',
  )
})

it('an answer that was not decided when the process ended is decided by the next one', async () => {
  await using opened = await boundTo(await linkedStore())
  const calls: Calls = []
  {
    await using desk = await approvalDesk(opened.store, calls, fullAudit())
    await answered(desk, opened.store)
    await desk.line('answer not decided')
  }
  expect(calls).toEqual([])
  await using next = await approvalDesk(opened.store, calls)
  await next.line('turn ended')
  expect(calls).toHaveLength(1)
  expect(decisions(next)).toMatchObject([{ decision: 'allow' }])
})
