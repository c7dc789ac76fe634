import type { AccountName } from './ids.ts'
import type { ToolEffect } from './policy.ts'

/** How an approval stands. The last three are final. */
export type ApprovalStatus = 'pending' | 'approved' | 'denied' | 'expired'

/**
 * One tool call of one turn that waits, or waited, for a person. It is bound to a hash of turn, tool and arguments, and
 * lets that call pass once.
 */
export type Approval = {
  /** `apr_<ulid>` */
  readonly id: string
  readonly account: AccountName
  readonly status: ApprovalStatus
  /** `trn_…`, and its step. */
  readonly turnId: string
  readonly step: number
  /** `msg_…`: the message that began the turn. */
  readonly messageId: string
  readonly tool: string
  readonly effect: ToolEffect
  /** As the agent gave them; they may hold what a stranger wrote. */
  readonly arguments: Readonly<Record<string, unknown>>
  /** Why it takes an approval. */
  readonly reason: string
  /** `usr_…`: on whose behalf. */
  readonly user: string
  /** What whoever decided wrote; null when nothing. */
  readonly note: string | null
  /** ms UTC, as the ones below */
  readonly requestedAt: number
  readonly expiresAt: number
  readonly decidedAt: number | null
  /** `usr_…`; null while nobody has decided, and when it has lapsed. */
  readonly decidedBy: string | null
}

/** Which approvals are asked for: newest first, those before one when it is named. */
export type ApprovalPage = {
  readonly status: ApprovalStatus | null
  readonly limit: number
  readonly before: string | null
}

/** What a person decides about an approval. */
export type ApprovalDecision = {
  readonly approved: boolean
  readonly note: string | null
  /** `usr_…` */
  readonly by: string
}
