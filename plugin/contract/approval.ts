import type { AccountName, Address, GroupId, OrgId } from './ids.ts'
import type { ToolCall, ToolEffect } from './policy.ts'

/** How an approval stands. The last three are final. */
export type ApprovalStatus = 'pending' | 'approved' | 'denied' | 'expired'

/** Who asked for something in a chat, and in what words. */
export type AskedFor = {
  readonly address: Address
  /** What they call themselves, which may be anything; null when none came along. */
  readonly name: string | null
  /** Where they wrote it; null: directly. */
  readonly group: GroupId | null
  /** What that group was called then, its members' word; null when that is not known. */
  readonly groupSubject: string | null
  /** What they wrote; empty when it was no text, or has disappeared, null when it is too long to be quoted. */
  readonly text: string | null
}

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
  /** Who wrote the message that began the turn, and what it says; null once that is not kept any more. */
  readonly asked: AskedFor | null
  /** What the person who decided wrote; null when nothing. */
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
  /** `req_…` of the call that decides; missing when an answer in the chat does. */
  readonly request?: string
}

/** A call that takes an approval. */
export type ApprovalRequest = {
  /** The turn that waits for it, and the message that the turn answers. */
  readonly turn: { readonly org: OrgId; readonly id: string; readonly messageId: string }
  readonly step: number
  readonly call: ToolCall
  readonly argumentsHash: string
  readonly reason: string
  /** `usr_…`: on whose behalf. */
  readonly user: string
}

/** How it stands with the approval of a call. */
export type ApprovalState =
  | { readonly status: 'approved'; readonly id: string }
  | { readonly status: 'pending'; readonly id: string; readonly until: number }
  /** `note`: what the person who decided wrote, for the agent alone. */
  | { readonly status: 'refused'; readonly reason: string; readonly note: string | null }
