import { createHash } from 'node:crypto'

import { z } from 'zod'

import type { Log, Role } from './contract/host.ts'
import type { OrgId, Person } from './contract/ids.ts'
import { canonicalKey } from './contract/ids.ts'
import type { Gate, GateDecision, ToolCall } from './contract/policy.ts'

/** On whose behalf a turn's tools are called: facts that the plugin computed, never what a message or an agent says. */
export type Subject = {
  readonly org: OrgId
  /** `usr_` and a hash: the same person in the same org, and nobody who reads it can tell who. */
  readonly user: string
  readonly role: Role
}

/** The subject of a turn that a person's message began. */
export function subjectOf(org: OrgId, person: Person, role: Role): Subject {
  const hash = createHash('sha256')
    .update(`${org}/${canonicalKey(person)}`)
    .digest('hex')
  return { org, user: `usr_${hash.slice(0, 26)}`, role }
}

const callSchema = z.object({
  tool: z.string().regex(/^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,3}$/),
  effect: z.enum(['read', 'write', 'destructive']).default('write'),
  arguments: z.record(z.string(), z.unknown()),
})

function decide(effect: 'read' | 'write' | 'destructive'): GateDecision {
  if (effect === 'read') return { decision: 'allow' }
  return { decision: 'approval_required', reason: `a ${effect} tool needs a person's approval` }
}

/** What a gate stands before. */
export type GateParts = {
  readonly turn: { readonly id: string; readonly requestId: string }
  readonly subject: Subject
  readonly log: Log
  /** Whether the turn is still running: afterwards nothing passes. */
  readonly isOpen: () => boolean
}

/** The gate of one turn, with the built-in decision: `read` passes, everything else asks for approval (design.md §4.7). */
export function createGate({ turn, subject, log, isOpen }: GateParts): Gate {
  return (call: ToolCall) => {
    const read = callSchema.safeParse(call)
    const decision: GateDecision = !isOpen()
      ? { decision: 'deny', reason: 'the turn has ended' }
      : read.success
        ? decide(read.data.effect)
        : { decision: 'deny', reason: 'the call is not one that can be judged' }
    const tool = read.success ? read.data.tool : null
    log.info(
      { turn: turn.id, request: turn.requestId, ...subject, tool, decision: decision.decision },
      'tool call judged',
    )
    return Promise.resolve(decision)
  }
}
