import type { AccountName, Address, GroupId, OrgId } from './ids.ts'
import type { ToolCall, ToolEffect } from './policy.ts'

/** The status of an approval. The last three are final. */
export type ApprovalStatus = 'pending' | 'approved' | 'denied' | 'expired'

/** Who made a request in a chat, and in which words. */
export type AskedFor = {
  readonly address: Address
  /** The name that they chose, which may be anything; null if the message carried none. */
  readonly name: string | null
  /** The group where they wrote it; null: in a direct chat. */
  readonly group: GroupId | null
  /** The group's subject at that time, chosen by its members; null if it is not known. */
  readonly groupSubject: string | null
  /** What they wrote; empty if it was no text, or has disappeared; null if it is too long to be quoted. */
  readonly text: string | null
}

/** An approval for one tool call of one turn. It is bound to a hash of turn, tool and arguments, and permits that call once. */
export type Approval = {
  /** `apr_<ulid>` */
  readonly id: string
  readonly account: AccountName
  readonly status: ApprovalStatus
  /** `trn_…`, and its step. */
  readonly turnId: string
  readonly step: number
  /** `msg_…`: the message that started the turn. */
  readonly messageId: string
  readonly tool: string
  readonly effect: ToolEffect
  /** As the agent gave them; they may contain what a stranger wrote. */
  readonly arguments: Readonly<Record<string, unknown>>
  /** Why the call needs an approval. */
  readonly reason: string
  /** `usr_…`: on whose behalf. */
  readonly user: string
  /** Who wrote the message that started the turn, and its text; null once the message is no longer stored. */
  readonly asked: AskedFor | null
  /** The note of the person who decided; null if there is none. */
  readonly note: string | null
  /** ms UTC, as the ones below */
  readonly requestedAt: number
  readonly expiresAt: number
  readonly decidedAt: number | null
  /** `usr_…`; null while nobody has decided, and if the approval has expired. */
  readonly decidedBy: string | null
}

/** Selects a page of approvals: newest first; `before`: only older ones than this approval. */
export type ApprovalPage = {
  readonly status: ApprovalStatus | null
  readonly limit: number
  readonly before: string | null
}

/** A person's decision about an approval. */
export type ApprovalDecision = {
  readonly approved: boolean
  readonly note: string | null
  /** `usr_…` */
  readonly by: string
  /** `req_…` of the call that decides; missing if the decision came as an answer in the chat. */
  readonly request?: string
}

/** A call that needs an approval. */
export type ApprovalRequest = {
  /** The waiting turn, and the message that it answers. */
  readonly turn: { readonly org: OrgId; readonly id: string; readonly messageId: string }
  readonly step: number
  readonly call: ToolCall
  readonly argumentsHash: string
  readonly reason: string
  /** `usr_…`: on whose behalf. */
  readonly user: string
}

/** The state of a call's approval. */
export type ApprovalState =
  | { readonly status: 'approved'; readonly id: string }
  | { readonly status: 'pending'; readonly id: string; readonly until: number }
  /** `note`: what the person who decided wrote, for the agent only. */
  | { readonly status: 'refused'; readonly reason: string; readonly note: string | null }
