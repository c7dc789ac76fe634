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

/** Why an attempt cannot continue after a step. */
export type StepStop =
  | { readonly outcome: 'failed'; readonly code: 'step_failed' | 'storage' }
  /**
   * `step_unknown`: nobody knows whether the step was executed. `step_differs`: the agent calls something else than in the earlier
   * attempt.
   */
  | { readonly outcome: 'needs_operator'; readonly code: 'step_unknown' | 'step_differs'; readonly step: number }
  /** A person has to approve the next step. */
  | ({ readonly outcome: 'awaiting_approval' } & Awaiting)

/** What the steps of one attempt need. */
export type StepParts = {
  readonly store: Store
  readonly turn: AttemptKey
  readonly gate: ApprovableGate
  /** The state of a step's approval. If nobody was asked for it yet, approvers are asked now. */
  readonly seekApproval: (step: SoughtStep) => Promise<ApprovalState>
  /** Aborted when the attempt is over. */
  readonly signal: AbortSignal
  /** Ends the attempt. */
  readonly stop: (why: StepStop) => void
}

/** A step that needs an approval. */
export type SoughtStep = Pick<ApprovalRequest, 'step' | 'call' | 'argumentsHash' | 'reason'>

/** The gate's decision about a call without an approval, and the reason if it refused or needs an approval. */
type Word = Pick<StoredStep, 'decision' | 'reason'>

/** Why a step passes: the gate's decision, and an approval if one was needed. */
type Pass = Word & { readonly approval: string | null }

/** The decision that an agent gets for a call that does not pass. */
type Stopped = Word & { readonly told: Refusal['decision'] }

const REFUSED = { decision: 'deny', reason: 'the call is not one that can be judged' } as const

/** The result for a call of an attempt that is over: it never resolves, so nothing continues after it. */
const never = (): Promise<never> => new Promise(() => undefined)

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))
}

/** Stands for the hash of arguments that are not JSON. Such arguments can be neither judged nor approved. */
const UNJUDGEABLE = ''

/** A hash of the arguments that does not depend on the order of their keys. */
function hashOf(given: ToolCall['arguments']): string {
  try {
    return createHash('sha256').update(JSON.stringify(given, sorted)).digest('hex')
  } catch {
    return UNJUDGEABLE
  }
}

/**
 * The steps of one attempt at a turn. Each step is durable as started before it is executed, and as done before its result is
 * returned. So a later attempt never repeats what was done and never guesses about a step whose outcome is unknown.
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
      // Errors of the agent are caught where its function is executed, so this is an error of our storage.
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
        // The outcome of a step that an earlier attempt started is still unknown.
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

  /** Stores the status of a step. Returns false if the turn no longer belongs to this attempt. */
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
      // Thrown to roll back, so that a step that may not start is not recorded as started.
      if (approval !== null && !(await useApproval(transaction, approval))) throw new Error('used before')
      return true
    })
  }

  /** Asks the gate. If the call needs an approval, asks the approvers, and then the gate once more. */
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

  /** An error does not mean that nothing was done. */
  #threw(n: number, { effect, idempotent }: ToolCall): Promise<never> {
    const repeatable = effect === 'read' || idempotent === true
    this.#parts.stop(
      repeatable
        ? { outcome: 'failed', code: 'step_failed' }
        : { outcome: 'needs_operator', code: 'step_unknown', step: n },
    )
    return never()
  }

  /** The steps that earlier attempts recorded. The first attempt has none, so it reads nothing. */
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
