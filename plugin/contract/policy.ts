import type { Claimed } from './claimed.ts'
import type { Role } from './role.ts'
import type { OrgId } from './ids.ts'

/** What a tool does to the world. A tool that does not say counts as `write`. */
export type ToolEffect = 'read' | 'write' | 'destructive'

const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,3}$/

/** Whether a text is the name of a tool, and so no place for what people write. Nothing else is judged. */
export const isToolName = (text: string): boolean => TOOL_NAME.test(text)

/** A call that an agent wants to make. The agent's loop awaits the turn's gate before each one. */
export type ToolCall = {
  /** `<connector>.<verb>`, as the host's tools are named. */
  readonly tool: string
  readonly effect?: ToolEffect | undefined
  readonly arguments: Readonly<Record<string, unknown>>
  /** Whether making the same call again does no harm. Only then is a call of unknown outcome repeated. */
  readonly idempotent?: boolean | undefined
}

/**
 * Whether a tool call may be made. Only `allow` lets it pass. An org's policies decide; where there are none, or they are
 * off, the built-in decision holds: `read` passes, everything else is `approval_required` (design.md §4.7).
 */
export type GateDecision =
  | { readonly decision: 'allow' }
  | { readonly decision: 'approval_required'; readonly reason: string }
  | { readonly decision: 'deny'; readonly reason: string }

/** Asks whether a tool call may be made. Never throws: what cannot be decided is denied. */
export type Gate = (call: ToolCall) => Promise<GateDecision>

/** What one policy decision is about, as far as the plugin knows it: facts alone, nothing that a message says. */
export type PolicyQuestion = {
  readonly org: OrgId
  /** `usr_…` */
  readonly user: string
  readonly role: Role
  readonly channel: 'whatsapp' | 'api'
  /** `<domain>.<verb>`; `chat.tool.execute` for tool calls. */
  readonly action: string
  /** Of a tool call also its `arguments`, as the agent gave them. */
  readonly resource: Readonly<Record<string, unknown>>
  /** Computed from the approvals that are kept, never taken from a request. */
  readonly approvalGranted: boolean
  readonly requestId: string
  /** Of a turn that a message began; null for a call of the API. */
  readonly message: MessageFacts | null
}

/** What WhatsApp attested of the message that began a turn, and beside it what its sender claims. */
export type MessageFacts = {
  /** E.164, or `lid:<digits>` while the number is not known. */
  readonly sender: string
  readonly isGroup: boolean
  /** Who wrote what it quotes, as we have kept that; null when it quotes nothing, or nothing that we have. */
  readonly quotedSender: string | null
  /**
   * Its sender's own word, and never more than a claim: `false` says nothing. `mentioned`: of the linked number; mention is
   * activation, never authorisation.
   */
  readonly claimed: {
    readonly forwarded: Claimed<boolean>
    readonly forwardingScore: Claimed<number>
    readonly mentioned: Claimed<boolean>
  }
  /** `bnd_…`; null when its binding is gone. */
  readonly binding: string | null
  readonly account: string
}

/**
 * What an org's policies say. `unjudged`: it has none, or they are off. `deny` is also the answer whenever they could not
 * be asked, with the rule null.
 */
export type PolicyVerdict =
  | { readonly verdict: 'allow' }
  | { readonly verdict: 'unjudged' }
  | {
      readonly verdict: 'deny'
      /** `agentcy.connectors.deny`, the first that denied. */
      readonly rule: string | null
      /** What the rule says of it, or why it was not decided: for a person. */
      readonly reason: string
    }

/** What is wrong with a policy, and where. */
export type PolicyProblem = {
  /** Its name, without `.rego`. */
  readonly file: string
  /** From 1; null when it is about the whole file. */
  readonly row: number | null
  readonly column: number | null
  readonly message: string
}
