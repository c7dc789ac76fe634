import * as answers from '../../plugin/store/turns/approval-answers.ts'
import * as approvals from '../../plugin/store/turns/approvals.ts'
import * as awaitingTurns from '../../plugin/store/turns/approval-waits.ts'
import type { Connection } from '../../plugin/store/sql/connection.ts'
import { approvalsOfTurn } from '../../plugin/store/turns/turn-approvals.ts'
import type { StoredTurn } from '../../plugin/store/turns/turns.ts'
import { ACCOUNT, ORG } from './store.ts'

/** All that the store is asked about the approval of a turn's call. */
export async function approvalScene(trx: Connection, turn: StoredTurn): Promise<void> {
  const now = Date.now()
  const call = { turnId: turn.id, step: 1, tool: 'x', argumentsHash: 'x' }
  const about = { effect: 'write', arguments: {}, reason: 'x', user: 'usr_x' } as const
  const [requestedAt, expiresAt] = [now, now + 3_600_000]
  await approvals.addApproval(trx, { ...call, ...about, id: 'apr_one', org: ORG, requestedAt, expiresAt })
  await approvals.lastApprovalOf(trx, call)
  await awaitingTurns.awaitApproval(trx, turn, { approvalId: 'apr_one', until: expiresAt })
  await awaitingTurns.resumeLapsed(trx, Date.now())
  await awaitingTurns.resumeAwaiting(trx, turn.id)
  await approvals.addPrompt(trx, 'snd_one', 'apr_one')
  await approvals.promptedBy(trx, ACCOUNT, { chatKey: turn.chatKey, stanzaId: 'snd_one' })
  await answers.keepAnswer(trx, 'apr_one', { approved: true, by: 'usr_x' })
  for (const answered of await answers.listAnswered(trx)) await answers.decideAsAnswered(trx, answered)
  await approvals.decideApproval(trx, 'apr_one', { approved: true, note: null, by: 'usr_x' })
  await approvals.useApproval(trx, 'apr_one')
  await approvals.returnApproval(trx, 'apr_one')
  await approvals.findApproval(trx, ORG, 'apr_one')
  await approvalsOfTurn(trx, turn.id)
  for (const before of [null, 'apr_one'])
    for (const status of [null, 'pending', 'expired', 'approved'] as const)
      await approvals.listApprovals(trx, ORG, { status, before, limit: 10 })
}
