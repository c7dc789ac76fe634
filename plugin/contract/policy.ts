import type { Claimed } from './claimed.ts'
import type { Role } from './role.ts'
import type { OrgId } from './ids.ts'

/** The effect of a tool. A tool without a stated effect counts as `write`. */
export type ToolEffect = 'read' | 'write' | 'destructive'

const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,3}$/

/** Whether a text has the form of a tool name, and so cannot contain what people write. Nothing else is checked. */
export const isToolName = (text: string): boolean => TOOL_NAME.test(text)

/** A tool call that an agent wants to make. The agent's loop awaits the turn's gate before each one. */
export type ToolCall = {
  /** `<connector>.<verb>`, as the host's tools are named. */
  readonly tool: string
  readonly effect?: ToolEffect | undefined
  readonly arguments: Readonly<Record<string, unknown>>
  /** Whether repeating the call does no harm. Only then is a call of unknown outcome repeated. */
  readonly idempotent?: boolean | undefined
}

/**
 * Whether a tool call may be made; only `allow` permits it. An org's policies decide. If there are none, or they are off, the
 * built-in decision applies: `read` is allowed, everything else is `approval_required` (design.md §4.7).
 */
export type GateDecision =
  | { readonly decision: 'allow' }
  | { readonly decision: 'approval_required'; readonly reason: string }
  | { readonly decision: 'deny'; readonly reason: string }

/** Decides whether a tool call may be made. Never throws: a call that cannot be decided is denied. */
export type Gate = (call: ToolCall) => Promise<GateDecision>

/** The input of one policy decision, as far as the plugin knows it: facts only, nothing from a message's content. */
export type PolicyQuestion = {
  readonly org: OrgId
  /** `usr_…` */
  readonly user: string
  readonly role: Role
  readonly channel: 'whatsapp' | 'api'
  /** `<domain>.<verb>`; `chat.tool.execute` for tool calls. */
  readonly action: string
  /** For a tool call also its `arguments`, as the agent gave them. */
  readonly resource: Readonly<Record<string, unknown>>
  /** Computed from the stored approvals, never taken from a request. */
  readonly approvalGranted: boolean
  readonly requestId: string
  /** The message that started the turn; null for an API call. */
  readonly message: MessageFacts | null
}

/** What WhatsApp attested about the message that started a turn, and separately what its sender claims. */
export type MessageFacts = {
  /** E.164, or `lid:<digits>` while the number is not known. */
  readonly sender: string
  readonly isGroup: boolean
  /** Who wrote the quoted message, according to our store; null if it quotes nothing, or nothing that is stored. */
  readonly quotedSender: string | null
  /**
   * The sender's own claims, never facts: `false` proves nothing. `mentioned`: of the linked number. A mention activates an
   * agent; it never authorises.
   */
  readonly claimed: {
    readonly forwarded: Claimed<boolean>
    readonly forwardingScore: Claimed<number>
    readonly mentioned: Claimed<boolean>
  }
  /** `bnd_…`; null if the binding no longer exists. */
  readonly binding: string | null
  readonly account: string
}

/**
 * The decision of an org's policies. `unjudged`: there are none, or they are off. `deny` is also the answer if they could not be
 * evaluated; the rule is null then.
 */
export type PolicyVerdict =
  | { readonly verdict: 'allow' }
  | { readonly verdict: 'unjudged' }
  | {
      readonly verdict: 'deny'
      /** The first rule that denied, such as `agentcy.connectors.deny`. */
      readonly rule: string | null
      /** The rule's message, or why there was no decision; for a person. */
      readonly reason: string
    }

/** An error in a policy, and its place. */
export type PolicyProblem = {
  /** The policy's name, without `.rego`. */
  readonly file: string
  /** Counted from 1; null if the error concerns the whole file. */
  readonly row: number | null
  readonly column: number | null
  readonly message: string
}
