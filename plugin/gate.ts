import { createHash } from 'node:crypto'

import { z } from 'zod'

import type { Log, Role } from './contract/host.ts'
import type { OrgId, Person } from './contract/ids.ts'
import { canonicalKey } from './contract/ids.ts'
import type { GateDecision, MessageFacts, PolicyQuestion, PolicyVerdict, ToolCall } from './contract/policy.ts'

const UNDECIDED: GateDecision = { decision: 'deny', reason: 'it could not be decided' }

/** On whose behalf a turn's tools are called: facts that the plugin computed, never what a message or an agent says. */
export type Subject = {
  readonly org: OrgId
  /** `usr_` and a hash: the same person in the same org, and nobody who reads it can tell who. */
  readonly user: string
  readonly role: Role
}

/** The subject of a turn that a person's message began. */
export const subjectOf = (org: OrgId, person: Person, role: Role): Subject => ({ org, user: userOf(org, person), role })

/** What a person on WhatsApp is called as a user: the same in every turn, and nobody can tell from it who it is. */
export function userOf(org: OrgId, person: Person): string {
  const hash = createHash('sha256')
    .update(`${org}/${canonicalKey(person)}`)
    .digest('hex')
  return `usr_${hash.slice(0, 26)}`
}

const callSchema = z.object({
  tool: z.string().regex(/^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,3}$/),
  effect: z.enum(['read', 'write', 'destructive']).default('write'),
  arguments: z.record(z.string(), z.unknown()),
})

/** What a gate stands before. */
export type GateParts = {
  readonly turn: { readonly id: string; readonly requestId: string }
  readonly subject: Subject
  /** What WhatsApp attested of the turn's message. */
  readonly facts: MessageFacts
  readonly judge: (question: PolicyQuestion) => Promise<PolicyVerdict>
  readonly log: Log
  /** Whether the turn is still running: afterwards nothing passes. */
  readonly isOpen: () => boolean
}

/** A gate that can also be asked about a call that somebody has approved. */
export type ApprovableGate = (call: ToolCall, approvalGranted: boolean) => Promise<GateDecision>

type Call = z.infer<typeof callSchema>

const needsApproval = (reason: string): GateDecision => ({ decision: 'approval_required', reason })

/** Where no policies are: `read` passes, everything else asks for approval (design.md §4.7). */
function builtIn({ effect }: Call, approvalGranted: boolean): GateDecision {
  if (effect === 'read' || approvalGranted) return { decision: 'allow' }
  return needsApproval(`a ${effect} tool needs a person's approval`)
}

function questionOf({ turn, subject, facts }: GateParts, { tool, effect }: Call): PolicyQuestion {
  const [connector = tool] = tool.split('.')
  return {
    ...subject,
    channel: 'whatsapp',
    action: 'chat.tool.execute',
    resource: { connector, tool, tool_effect: effect },
    approvalGranted: false,
    requestId: turn.requestId,
    message: facts,
  }
}

/** What is denied as it is and would be allowed with an approval needs one. */
async function decide(parts: GateParts, call: Call, approvalGranted: boolean): Promise<GateDecision> {
  const question = { ...questionOf(parts, call), approvalGranted }
  const verdict = await parts.judge(question)
  if (verdict.verdict === 'unjudged') return builtIn(call, approvalGranted)
  if (verdict.verdict === 'allow') return { decision: 'allow' }
  const { reason } = verdict
  if (approvalGranted) return { decision: 'deny', reason }
  const approved = await parts.judge({ ...question, approvalGranted: true })
  return approved.verdict === 'allow' ? needsApproval(reason) : { decision: 'deny', reason }
}

/** The gate of one turn: the org's policies decide about the facts, whatever a message or an agent says of them. */
export function createGate(parts: GateParts): ApprovableGate {
  const { turn, subject, log, isOpen } = parts
  const judged = async (call: ToolCall, approvalGranted: boolean): Promise<[GateDecision, string | null]> => {
    if (!isOpen()) return [{ decision: 'deny', reason: 'the turn has ended' }, null]
    const read = callSchema.safeParse(call)
    if (!read.success) return [{ decision: 'deny', reason: 'the call is not one that can be judged' }, null]
    const decision = await decide(parts, read.data, approvalGranted).catch(() => UNDECIDED)
    return [decision, read.data.tool]
  }
  return async (call, approvalGranted) => {
    const [decision, tool] = await judged(call, approvalGranted)
    const fields = { turn: turn.id, request: turn.requestId, ...subject, tool, approved: approvalGranted }
    log.info({ ...fields, decision: decision.decision }, 'tool call judged')
    return decision
  }
}
