import type { ReplyRequest } from '../../plugin/contract/api/sends.ts'
import type { Turn } from '../../plugin/contract/host.ts'
import type { ToolEffect } from '../../plugin/contract/policy.ts'

/** The arguments of a tool call. */
export type ToolArguments = Readonly<Record<string, string>>

/** A tool that an agent can call, to change something or to read something. */
export type Tool = {
  /** `<connector>.<verb>` */
  readonly name: string
  readonly effect: ToolEffect
  /** Whether calling it again with the same arguments does no harm. */
  readonly idempotent: boolean
  run(given: ToolArguments): Promise<string>
}

/** The agent's next step: a reply or a tool call. The agent cannot call a tool itself. */
export type AgentStep =
  | { readonly kind: 'reply'; readonly reply: string | ReplyRequest }
  | { readonly kind: 'tool'; readonly tool: Tool; readonly given: ToolArguments }

/** The result of a tool call. */
export type ToolOutcome =
  { readonly outcome: 'done'; readonly result: string } | { readonly outcome: 'refused'; readonly reason: string }

/** An agent: yields the steps of one turn. Each `tool` step is answered with its outcome. */
export type Agent = (turn: Turn) => AsyncGenerator<AgentStep, void, ToolOutcome | undefined>

/** Runs the tool as a step of the turn. The turn checks its gate and runs each step once. */
async function callTool(turn: Turn, { tool, given }: AgentStep & { kind: 'tool' }): Promise<ToolOutcome> {
  const { name, effect, idempotent } = tool
  const step = await turn.step({ tool: name, effect, idempotent, arguments: given }, () => tool.run(given))
  turn.signal.throwIfAborted()
  if (step.outcome === 'refused') return { outcome: 'refused', reason: step.decision.reason }
  // A step that a person skipped has no result.
  return { outcome: 'done', result: typeof step.result === 'string' ? step.result : '' }
}

/**
 * The host's agent loop for one turn: runs every tool as a step of the turn, behind its gate, and yields the agent's replies as
 * they come.
 */
export async function* runAgent(agent: Agent, turn: Turn): AsyncGenerator<string | ReplyRequest> {
  const steps = agent(turn)
  let outcome: ToolOutcome | undefined
  for (;;) {
    turn.signal.throwIfAborted()
    const { done, value: step } = await steps.next(outcome)
    if (done) return
    outcome = undefined
    if (step.kind === 'reply') yield step.reply
    else outcome = await callTool(turn, step)
  }
}
