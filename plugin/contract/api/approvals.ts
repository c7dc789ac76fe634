import { z } from 'zod'

import { instant, limitSchema, text, withoutNul } from './fields.ts'
import type { Approval, ApprovalDecision, ApprovalPage } from '../approval.ts'
import type { OrgId } from '../ids.ts'

const STATUS = z.enum(['pending', 'approved', 'denied', 'expired'])
const idSchema = z.string().min(1).max(64).refine(withoutNul)

/** One approval. */
export const approvalSchema = z.object({
  id: z.string(),
  account: z.string(),
  status: STATUS,
  turn_id: z.string(),
  step: z.int(),
  message_id: z.string(),
  tool: z.string(),
  effect: z.enum(['read', 'write', 'destructive']),
  arguments: z.record(z.string(), z.unknown()).meta({ description: 'They may hold what a stranger wrote' }),
  reason: z.string(),
  user_id: z.string().meta({ description: 'On whose behalf the tool is called' }),
  asked: z
    .object({
      address: z.string(),
      name: z.string().nullable().meta({ description: 'What they call themselves, which may be anything' }),
      group: z.string().nullable().meta({ description: 'Where they wrote it; null: directly' }),
      group_subject: z.string().nullable().meta({
        description: 'What the group was called then, its members’ word; null when that is not known',
      }),
      text: z.string().nullable().meta({
        description:
          'What they wrote; of more than 2,000 characters the first, null when it is so long that the message has to be opened',
      }),
    })
    .nullable()
    .meta({ description: 'Who wrote the message that began the turn; null once that is not kept any more' }),
  note: z.string().nullable(),
  requested_at: instant,
  expires_at: instant,
  decided_at: instant.nullable(),
  decided_by: z.string().nullable(),
})
/** The query of `GET /approvals`: newest first; with `before` only the approvals before that one. */
export const approvalListRequest = z.strictObject({
  status: STATUS.optional(),
  limit: limitSchema,
  before: idSchema.optional(),
})
/** The response to it. */
export const approvalListResponse = z.object({ approvals: z.array(approvalSchema) })
/** The path of `POST /approvals/:id`. */
export const approvalPath = z.strictObject({ id: idSchema })
/** The body of `POST /approvals/:id`. */
export const approvalDecideBody = z.strictObject({
  approved: z.boolean(),
  note: text(1_000).optional().meta({ description: 'The agent sees it when the answer is no' }),
})
/** The input of `approvals.decide`: path and body. */
export const approvalDecideRequest = approvalPath.extend(approvalDecideBody.shape)

/** An approval in TypeScript. */
export type WireApproval = z.infer<typeof approvalSchema>

/** Approvals of tool calls. */
export type ApprovalOperations = {
  /** Newest first. Error: `not_found` for an unknown `before`. */
  list(org: OrgId, page: ApprovalPage): Promise<Approval[]>
  /** Permits the call once, or refuses it, and lets its turn continue. Errors: `not_found`, `approval_decided`. */
  decide(org: OrgId, id: string, decision: ApprovalDecision): Promise<Approval>
}
