import type { ApprovalDecision } from '../contract/approval.ts'
import type { NewAuditEntry } from '../contract/audit.ts'
import type { StoredApproval } from '../store/turns/approvals.ts'

/** The audit log's entry about a decision. */
export function decisionEntry(approval: StoredApproval, decision: Omit<ApprovalDecision, 'note'>): NewAuditEntry {
  const { id, tool, effect: tool_effect, user: requested_by, messageId: message, requestId } = approval
  const { approved, by, request } = decision
  return {
    category: 'chat',
    action: 'approval.decide',
    decision: approved ? 'allow' : 'deny',
    user: by,
    resource: { approval: id, tool, tool_effect, requested_by, message, ...(request !== undefined && { request }) },
    rule: null,
    input: {},
    requestId,
    latencyMs: null,
  }
}
