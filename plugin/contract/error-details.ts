import type { WireContact } from './api-contacts.ts'
import type { PolicyProblem } from './policy.ts'

/** What some errors say beside their code and sentence. */
export type ErrorDetails = {
  /** Of `policy_refused`: what is wrong with which policy, and where. */
  readonly problems?: readonly PolicyProblem[]
  /** Of `lookup_budget`: when the others may be asked for (RFC 3339), and what is known without asking. */
  readonly retry_at?: string
  readonly contacts?: readonly WireContact[]
}
