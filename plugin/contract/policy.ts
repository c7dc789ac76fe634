/** What a tool does to the world. A tool that does not say counts as `write`. */
export type ToolEffect = 'read' | 'write' | 'destructive'

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
 * Whether a tool call may be made. Only `allow` lets it pass. Until policies exist the built-in decision holds: `read`
 * passes, everything else is `approval_required` (design.md §4.7).
 */
export type GateDecision =
  | { readonly decision: 'allow' }
  | { readonly decision: 'approval_required'; readonly reason: string }
  | { readonly decision: 'deny'; readonly reason: string }

/** Asks whether a tool call may be made. Never throws: what cannot be decided is denied. */
export type Gate = (call: ToolCall) => Promise<GateDecision>
