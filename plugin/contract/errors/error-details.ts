import type { WireKnownNumber } from '../api/contacts.ts'
import type { PolicyProblem } from '../policy.ts'
import type { UnreachableReason } from './unreachable-reasons.ts'

/** The details of some errors, besides code and sentence. */
export type ErrorDetails = {
  /** For `policy_refused`: the errors, with policy and place. */
  readonly problems?: readonly PolicyProblem[]
  /** For requests that exceed a limit: when to try again (RFC 3339). */
  readonly retry_at?: string
  /** For `lookup_budget`: the numbers that are known without asking WhatsApp. */
  readonly known?: readonly WireKnownNumber[]
  /** For `gateway_unreachable`: the reason. */
  readonly reason?: UnreachableReason
}
