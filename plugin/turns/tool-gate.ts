import { wordOf } from '../contract/claimed.ts'
import { z } from 'zod'

import type { Audit } from '../contract/audit.ts'
import type { Log } from '../contract/host.ts'
import type { Role } from '../contract/role.ts'
import type { OrgId, Person } from '../contract/ids.ts'
import {
  type GateDecision,
  isToolName,
  type MessageFacts,
  type PolicyQuestion,
  type PolicyVerdict,
  type ToolCall,
} from '../contract/policy.ts'
import { userOf } from '../policy/user-id.ts'

/** A call that cannot be written to the audit log is denied. */
const UNTOLD: GateDecision = { decision: 'deny', reason: 'it could not be recorded' }

/** On whose behalf a turn's tools are called: facts that the plugin determined, never claims of a message or an agent. */
export type Subject = {
  readonly org: OrgId
  /** `usr_` and a hash: the same for the same person in the same org, and it does not reveal who the person is. */
  readonly user: string
  readonly role: Role
}

/** The subject of a turn that a person's message started. */
export const subjectOf = (org: OrgId, person: Person, role: Role): Subject => ({ org, user: userOf(org, person), role })

const callSchema = z.object({
  tool: z.string().refine(isToolName),
  effect: z.enum(['read', 'write', 'destructive']).default('write'),
  arguments: z.record(z.string(), z.unknown()),
})

const ENDED = 'the turn has ended'
const UNJUDGEABLE = 'its arguments are no JSON, or more of it than policies are asked about'
const MOST_ARGUMENT_BYTES = 65_536

/** Rules about arguments that policies do not get would silently not apply, so such calls are denied. */
function isJudgeable(given: Call['arguments']): boolean {
  try {
    return Buffer.byteLength(JSON.stringify(given)) <= MOST_ARGUMENT_BYTES
  } catch {
    return false
  }
}

/** What a gate needs. */
export type GateParts = {
  readonly turn: { readonly id: string; readonly requestId: string; readonly messageId: string }
  readonly subject: Subject
  /** What WhatsApp attests about the turn's message. */
  readonly facts: MessageFacts
  readonly judge: (question: PolicyQuestion) => Promise<PolicyVerdict>
  readonly audit: Audit
  readonly log: Log
  /** Whether the turn is still running. After its end no call passes. */
  readonly isOpen: () => boolean
}

/** A gate that can also judge a call that a person has approved. */
export type ApprovableGate = (call: ToolCall, approvalGranted: boolean) => Promise<GateDecision>

type Call = z.infer<typeof callSchema>

/** A decision, and the rule that denied the call. */
type Decided = { readonly decision: GateDecision; readonly rule: string | null }

const needsApproval = (reason: string): GateDecision => ({ decision: 'approval_required', reason })
const unruled = (decision: GateDecision): Decided => ({ decision, rule: null })
const denied = (reason: string): Decided => unruled({ decision: 'deny', reason })

/** Used if there are no policies: `read` passes, everything else needs an approval (design.md §4.7). */
function builtIn({ effect }: Call, approvalGranted: boolean): Decided {
  if (effect === 'read' || approvalGranted) return unruled({ decision: 'allow' })
  return unruled(needsApproval(`a ${effect} tool needs a person's approval`))
}

function questionOf({ turn, subject, facts }: GateParts, { tool, effect, arguments: given }: Call): PolicyQuestion {
  const [connector = tool] = tool.split('.')
  return {
    ...subject,
    channel: 'whatsapp',
    action: 'chat.tool.execute',
    resource: { connector, tool, tool_effect: effect, arguments: given },
    approvalGranted: false,
    requestId: turn.requestId,
    message: facts,
  }
}

/** A call needs an approval if it is denied without one and would be allowed with one. */
async function decide(parts: GateParts, call: Call, approvalGranted: boolean): Promise<Decided> {
  if (!isJudgeable(call.arguments)) return denied(UNJUDGEABLE)
  const question = { ...questionOf(parts, call), approvalGranted }
  const verdict = await parts.judge(question)
  if (verdict.verdict === 'unjudged') return builtIn(call, approvalGranted)
  if (verdict.verdict === 'allow') return unruled({ decision: 'allow' })
  const { rule, reason } = verdict
  if (approvalGranted) return { decision: { decision: 'deny', reason }, rule }
  const approved = await parts.judge({ ...question, approvalGranted: true })
  return { decision: approved.verdict === 'allow' ? needsApproval(reason) : { decision: 'deny', reason }, rule }
}

type Asked = { readonly call: Call | null; readonly approvalGranted: boolean }

/** Writes a decision to the audit log: only facts, and the author under their user id. */
function audited({ turn, subject, facts, audit }: GateParts, { call, approvalGranted }: Asked) {
  const begun = performance.now()
  return async ({ decision, rule }: Decided): Promise<GateDecision> => {
    const { isGroup, claimed, binding, account } = facts
    await audit.append(subject.org, {
      category: 'policy',
      action: 'chat.tool.execute',
      decision: decision.decision === 'allow' ? 'allow' : 'deny',
      user: subject.user,
      resource: {
        tool: call?.tool ?? null,
        connector: call?.tool.split('.')[0] ?? null,
        tool_effect: call?.effect ?? null,
        message: turn.messageId,
      },
      rule,
      input: {
        subject: { user_id: subject.user, role: subject.role, channel: 'whatsapp', is_group: isGroup },
        claimed: { mentioned: wordOf(claimed.mentioned) },
        context: { approval_granted: approvalGranted, binding, account },
      },
      requestId: turn.requestId,
      latencyMs: performance.now() - begun,
    })
    return decision
  }
}

/** Creates the gate of one turn. The org's policies decide by the facts, whatever a message or an agent claims. */
export function createGate(parts: GateParts): ApprovableGate {
  const { turn, subject, log, isOpen } = parts
  const judged = async ({ call, approvalGranted }: Asked): Promise<Decided> => {
    if (!isOpen()) return denied(ENDED)
    if (!call) return denied('the call is not one that can be judged')
    const decided = await decide(parts, call, approvalGranted).catch(() => denied('it could not be decided'))
    // The turn may have ended while the policies were being evaluated.
    return isOpen() ? decided : denied(ENDED)
  }
  return async (given, approvalGranted) => {
    const read = callSchema.safeParse(given)
    const asked = { call: read.success ? read.data : null, approvalGranted }
    const tell = audited(parts, asked)
    const decision = await judged(asked)
      .then(tell)
      .catch((): GateDecision => UNTOLD)
    const fields = {
      turn: turn.id,
      request: turn.requestId,
      ...subject,
      tool: asked.call?.tool ?? null,
      approved: approvalGranted,
    }
    log.info({ ...fields, decision: decision.decision }, 'tool call judged')
    return decision
  }
}
