import { createHash } from 'node:crypto'

import type { StepOutcome } from '../contract/host.ts'
import type { GateDecision, ToolCall } from '../contract/policy.ts'
import type { StepStatus } from '../contract/turn.ts'
import type { ApprovableGate } from './tool-gate.ts'
import type { ApprovalRequest, ApprovalState } from '../contract/approval.ts'
import { returnApproval, useApproval } from '../store/turns/approvals.ts'
import type { Awaiting } from '../store/turns/approval-waits.ts'
import type { Store } from '../store/database.ts'
import {
  type AttemptKey,
  finishStep,
  forgetSteps,
  mayHaveActed,
  recordStep,
  stepsOf,
  type StoredStep,
  withdrawStep,
} from '../store/turns/steps.ts'

/** Why an attempt cannot go on behind a step. */
export type StepStop =
  | { readonly outcome: 'failed'; readonly code: 'step_failed' | 'storage' }
  /** `step_unknown`: nobody knows whether it was done. `step_differs`: the agent takes another course than it took. */
  | { readonly outcome: 'needs_operator'; readonly code: 'step_unknown' | 'step_differs'; readonly step: number }
  /** A person has to approve the next step. */
  | ({ readonly outcome: 'awaiting_approval' } & Awaiting)

/** What the steps of one attempt need. */
export type StepParts = {
  readonly store: Store
  readonly turn: AttemptKey
  readonly gate: ApprovableGate
  /** How it stands with the approval of a step, which is asked for when nobody was asked. */
  readonly seekApproval: (step: SoughtStep) => Promise<ApprovalState>
  /** Aborted when the attempt is over. */
  readonly signal: AbortSignal
  /** Ends the attempt. */
  readonly stop: (why: StepStop) => void
}

/** A step that takes an approval. */
export type SoughtStep = Pick<ApprovalRequest, 'step' | 'call' | 'argumentsHash' | 'reason'>

/** What the gate said to a call as it is, and why it was refused or takes an approval. */
type Word = Pick<StoredStep, 'decision' | 'reason'>

/** What lets a step pass: nothing beside the gate, or an approval. */
type Pass = Word & { readonly approval: string | null }

/** What an agent is told of a call that does not pass. */
type Stopped = Word & { readonly told: Refusal['decision'] }

const REFUSED = { decision: 'deny', reason: 'the call is not one that can be judged' } as const

/** For a call of an attempt that is over: nobody goes on behind it. */
const never = (): Promise<never> => new Promise(() => undefined)

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))
}

/** In place of a hash, for arguments that are no JSON: nobody can judge them, nor approve them. */
const UNJUDGEABLE = ''

/** The same arguments have the same hash, in whichever order they are named. */
function hashOf(given: ToolCall['arguments']): string {
  try {
    return createHash('sha256').update(JSON.stringify(given, sorted)).digest('hex')
  } catch {
    return UNJUDGEABLE
  }
}

/**
 * The steps of one attempt at a turn. Each is durable as begun before it is executed and as done before its result is
 * handed on, so that a later attempt never repeats what was done and never guesses about what is unknown.
 */
export class Steps {
  readonly #parts: StepParts
  #recorded: Promise<Map<number, StoredStep>> | null = null
  #count = 0

  constructor(parts: StepParts) {
    this.#parts = parts
  }

  async take(call: ToolCall, execute: () => Promise<unknown>): Promise<StepOutcome> {
    this.#count += 1
    const n = this.#count
    try {
      return await this.#take({ n, call, execute })
    } catch {
      // The agent's own throws are dealt with where it is executed: what is left is our storage.
      this.#parts.stop({ outcome: 'failed', code: 'storage' })
      return never()
    }
  }

  async #take({ n, call, execute }: Taken): Promise<StepOutcome> {
    const { gate, signal, stop } = this.#parts
    const argumentsHash = hashOf(call.arguments)
    if (signal.aborted) return judged(await gate(call, false)) ?? never()
    const before = (await this.#earlier()).get(n)
    if (before?.status === 'skipped') return { outcome: 'done', result: null }
    if (before && (before.tool !== call.tool || before.argumentsHash !== argumentsHash)) {
      if (await this.#hasEffectFrom(n)) {
        stop({ outcome: 'needs_operator', code: 'step_differs', step: n })
        return never()
      }
      await this.#forgetFrom(n)
    } else if (before?.status === 'done') {
      return { outcome: 'done', result: JSON.parse(before.result ?? 'null') as unknown }
    } else if (before?.status === 'started' && before.effect !== 'read' && call.idempotent !== true) {
      stop({ outcome: 'needs_operator', code: 'step_unknown', step: n })
      return never()
    }
    return this.#execute({ n, call, argumentsHash }, execute)
  }

  async #execute(judged: Judged, execute: Taken['execute']): Promise<StepOutcome> {
    const { store, turn, signal } = this.#parts
    const { n, call } = judged
    const permit = await this.#permit(judged)
    if ('told' in permit) {
      if (!signal.aborted) await this.#record(judged, 'refused', permit)
      return { outcome: 'refused', decision: permit.told }
    }
    if (!(await this.#record(judged, 'started', permit))) return never()
    if (signal.aborted) {
      const before = (await this.#earlier()).get(n)?.status
      await store.transaction(async transaction => {
        // What an earlier attempt began is still of unknown outcome.
        if (before !== 'started') await withdrawStep(transaction, turn, n)
        if (permit.approval !== null) await returnApproval(transaction, permit.approval)
      })
      return never()
    }
    let result: string
    try {
      result = JSON.stringify((await execute()) ?? null)
    } catch {
      return this.#threw(n, call)
    }
    await store.transaction(transaction => finishStep(transaction, turn, { n, result }))
    return { outcome: 'done', result: JSON.parse(result) as unknown }
  }

  /** Keeps how a step stands; false when the turn is no longer this attempt's. */
  #record({ n, call, argumentsHash }: Judged, status: StepStatus, word: Word | Pass): Promise<boolean> {
    const { store, turn } = this.#parts
    const { decision, reason } = word
    const approval = 'approval' in word ? word.approval : null
    const step = {
      n,
      tool: call.tool,
      effect: call.effect ?? 'write',
      argumentsHash,
      status,
      decision,
      reason,
    } as const
    return store.transaction(async transaction => {
      if (!(await recordStep(transaction, turn, { ...step, result: null }))) return false
      // Thrown, so that a step which may not begin is not recorded as begun.
      if (approval !== null && !(await useApproval(transaction, approval))) throw new Error('used before')
      return true
    })
  }

  /** Asks the gate, and the approvers of what it does not let pass otherwise; then the gate once more. */
  async #permit({ n, call, argumentsHash }: Judged): Promise<Pass | Stopped> {
    const { gate, signal, stop, seekApproval } = this.#parts
    if (argumentsHash === UNJUDGEABLE) return { ...REFUSED, told: REFUSED }
    const plain = await gate(call, false)
    if (plain.decision === 'allow') return { ...plain, reason: null, approval: null }
    if (plain.decision === 'deny' || signal.aborted) return { ...plain, told: plain }
    const standing = await seekApproval({ step: n, call, argumentsHash, reason: plain.reason })
    if (standing.status === 'refused') {
      const { reason, note } = standing
      return { ...plain, reason, told: { decision: 'deny', reason: note === null ? reason : `${reason}: ${note}` } }
    }
    if (standing.status === 'pending') {
      await this.#record({ n, call, argumentsHash }, 'awaiting_approval', plain)
      stop({ outcome: 'awaiting_approval', approvalId: standing.id, until: standing.until })
      return never()
    }
    const approved = await gate(call, true)
    if (approved.decision === 'allow') return { ...plain, approval: standing.id }
    const { reason } = approved
    return { decision: 'deny', reason, told: { decision: 'deny', reason } }
  }

  /** A throw does not say that nothing was done. */
  #threw(n: number, { effect, idempotent }: ToolCall): Promise<never> {
    const repeatable = effect === 'read' || idempotent === true
    this.#parts.stop(
      repeatable
        ? { outcome: 'failed', code: 'step_failed' }
        : { outcome: 'needs_operator', code: 'step_unknown', step: n },
    )
    return never()
  }

  /** What earlier attempts recorded; the first one has none to ask for. */
  #earlier(): Promise<Map<number, StoredStep>> {
    const { store, turn } = this.#parts
    this.#recorded ??= turn.attempt > 1 ? stepsOf(store.connection, turn.id) : Promise.resolve(new Map())
    return this.#recorded
  }

  async #hasEffectFrom(from: number): Promise<boolean> {
    const steps = [...(await this.#earlier()).values()]
    return steps.some(step => step.n >= from && mayHaveActed(step))
  }

  async #forgetFrom(from: number): Promise<void> {
    const { store, turn } = this.#parts
    const earlier = await this.#earlier()
    for (const n of earlier.keys()) if (n >= from) earlier.delete(n)
    await store.transaction(transaction => forgetSteps(transaction, turn, from))
  }
}

type Taken = { readonly n: number; readonly call: ToolCall; readonly execute: () => Promise<unknown> }

/** A call that the gate is asked about. */
type Judged = Pick<Taken, 'n' | 'call'> & { readonly argumentsHash: string }

type Refusal = Extract<StepOutcome, { outcome: 'refused' }>

function judged(decision: GateDecision): Refusal | null {
  return decision.decision === 'allow' ? null : { outcome: 'refused', decision }
}
