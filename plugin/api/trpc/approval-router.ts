import {
  approvalDecideRequest,
  approvalListRequest,
  approvalListResponse,
  approvalSchema,
} from '../../contract/api/approvals.ts'
import { procedure, router } from './procedure.ts'
import { wireApproval } from '../../views/api-state.ts'

/** The calls about tool calls that wait for a person. */
export const approvals = router({
  list: procedure({
    role: 'admin',
    action: 'approval.list',
    rest: {
      call: 'GET /approvals',
      summary: 'Tool calls that wait for a person, or waited, newest first',
      refusals: ['not_found'],
    },
  })
    .input(approvalListRequest)
    .output(approvalListResponse)
    .query(async ({ ctx: { operations, principal }, input: { status = null, limit, before = null } }) => {
      const list = await operations.approvals.list(principal.org, { status, limit, before })
      return { approvals: list.map(wireApproval) }
    }),
  decide: procedure({
    role: 'admin',
    action: 'approval.decide',
    rest: {
      call: 'POST /approvals/:id',
      summary: 'Lets a tool call pass once, or not at all; its turn goes on',
      refusals: ['approval_decided'],
    },
  })
    .input(approvalDecideRequest)
    .output(approvalSchema)
    .mutation(async ({ ctx: { operations, principal, requestId: request }, input: { id, approved, note = null } }) => {
      const decision = { approved, note, by: principal.user, request }
      return wireApproval(await operations.approvals.decide(principal.org, id, decision))
    }),
})
