import { claimed } from '../../plugin/contract/claimed.ts'
import type { ApprovalState } from '../../plugin/contract/approval.ts'
import type { Audit, NewAuditEntry } from '../../plugin/contract/audit.ts'
import { ChannelError } from '../../plugin/contract/errors/errors.ts'
import type { Operations } from '../../plugin/contract/operations.ts'
import type { MessageFacts, PolicyQuestion, PolicyVerdict } from '../../plugin/contract/policy.ts'
import { ORG } from './store.ts'

/** There are no policies. */
export const unjudged = (): Promise<PolicyVerdict> => Promise.resolve({ verdict: 'unjudged' })

/** Nobody approves anything. */
export const unapproved = (): Promise<ApprovalState> =>
  Promise.resolve({ status: 'refused', reason: 'nobody approves anything', note: null })

/** An audit log that keeps what it is told in memory. */
export function keptAudit() {
  const entries: NewAuditEntry[] = []
  const audit: Audit = { append: (_, entry) => Promise.resolve(void entries.push(entry)) }
  return { audit, entries }
}

/** What is known of a message in a direct chat. */
export const FACTS: MessageFacts = {
  sender: '+972500000002',
  isGroup: false,
  quotedSender: null,
  claimed: { forwarded: claimed(false), forwardingScore: claimed(0), mentioned: claimed(false) },
  binding: 'bnd_1',
  account: 'default',
}

/** A viewer on WhatsApp wants to use a tool that changes something. */
export const WRITE: PolicyQuestion = {
  org: ORG,
  user: 'usr_1',
  role: 'viewer',
  channel: 'whatsapp',
  action: 'chat.tool.execute',
  resource: { connector: 'service', tool: 'service.restart', tool_effect: 'write' },
  approvalGranted: false,
  requestId: 'req_1',
  message: FACTS,
}

/** One that only reads. */
export const READ: PolicyQuestion = { ...WRITE, resource: { ...WRITE.resource, tool_effect: 'read' } }

/** Operations of an org that has none. */
export const noPolicies = (): Pick<Operations, 'policies' | 'shares'> => ({
  shares: { next: () => Promise.resolve() },
  policies: {
    judge: unjudged,
    confirm: () => Promise.resolve(),
    list: () => Promise.resolve({ status: 'none', policies: [], problems: [] }),
    find: () => Promise.reject(new ChannelError('not_found')),
    put: () => Promise.resolve(),
    remove: () => Promise.reject(new ChannelError('not_found')),
    test: () => Promise.resolve({ decision: 'unjudged', rules: [], reason: null, took_ms: 0 }),
  },
})
