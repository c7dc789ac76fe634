import type { WireKnownNumber } from '../api/contacts.ts'
import type { PolicyProblem } from '../policy.ts'
import type { UnreachableReason } from './unreachable-reasons.ts'

/** What some errors say beside their code and sentence. */
export type ErrorDetails = {
  /** Of `policy_refused`: what is wrong with which policy, and where. */
  readonly problems?: readonly PolicyProblem[]
  /** Of what is refused for having been too much: when it may be tried again (RFC 3339). */
  readonly retry_at?: string
  /** Of `lookup_budget`: which of the numbers are known without asking. */
  readonly known?: readonly WireKnownNumber[]
  /** Of `gateway_unreachable`: why. */
  readonly reason?: UnreachableReason
}
