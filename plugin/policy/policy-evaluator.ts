import type { EventLoopShares } from '../base/event-loop-shares.ts'
import type { OrgId } from '../contract/ids.ts'
import type { Job, JobFailure, JobRunner } from '../workers/job.ts'
import { Engine } from './engine.ts'
import { evaluate, type Evaluation, LONGEST_MS, type PolicySet, undecided } from './evaluation.ts'
import type { PolicyInput } from './input.ts'
import { MeteredSets } from './metering/metered-sets.ts'
import type { PolicyAnswer, PolicyMessage } from './policy-tool.ts'
import type { Starters } from './starters.ts'

/** The evaluation of a set; `ended` says why it had to be stopped, null when it was not. */
export type PolicyEvaluation = Evaluation & { readonly ended: JobFailure | null }

/** Whether modules may be put into force. `damaged`: they cannot be loaded. */
export type Checked = { readonly status: 'fine' } | { readonly status: 'refused' | 'damaged'; readonly why: string }

type Limits = Pick<Job, 'limitMs' | 'longestMs' | 'patienceMs'>

/** An evaluation may use this much processor time. On a busy machine it may take up to a second until it has had it. */
const EVALUATION: Limits = { limitMs: 200, longestMs: LONGEST_MS, patienceMs: 5_000 }
const LOADING: Limits = { limitMs: 2_000, longestMs: 10_000, patienceMs: 5_000 }
const CHECK: Limits = { limitMs: 2_000, longestMs: 60_000, patienceMs: Number.POSITIVE_INFINITY }
/** A set is loaded again when another org has got the worker that had it. */
const MOST_LOADS = 3

const WHY: Readonly<Record<JobFailure, string>> = {
  time: 'The policies took too long, and were stopped.',
  memory: 'The policies took too much memory, and were stopped.',
  broken: 'The policies could not be evaluated.',
  crowded: 'Too many calls wait for the policies.',
  closed: 'The policies are not asked now.',
}
const CHECK_WHY: Readonly<Record<JobFailure, string>> = {
  time: 'They take too long to be loaded or to be asked.',
  memory: 'They take too much memory to be loaded or to be asked.',
  broken: 'They fail when they are loaded or evaluated.',
  crowded: 'They could not be tried now: too much is waiting.',
  closed: 'They could not be tried now.',
}

type Answer = PolicyAnswer | { readonly answer: 'ended'; readonly why: JobFailure }
type Told = { readonly message: PolicyMessage; readonly bytes?: readonly Uint8Array[] }

const ended = (why: JobFailure): PolicyEvaluation => ({
  verdict: undecided(WHY[why]),
  denials: [],
  tookMs: 0,
  ended: why,
})

/** What evaluating policies needs. */
export type PolicyEvaluatorParts = {
  readonly jobs: JobRunner
  readonly starters: Starters
  readonly shares: Pick<EventLoopShares, 'isAlone'>
}

/**
 * Evaluates policies. A tenant's policies run where they always end: in the event loop with their instructions counted, or in a
 * worker, which can be killed. The starters, while an org has nothing else, are evaluated in the event loop without a count: they
 * are part of this package, and the facts of a call are short.
 */
export class PolicyEvaluator {
  readonly #jobs: JobRunner
  readonly #starters: Starters
  readonly #metered: MeteredSets
  #ours: Engine | null = null

  constructor({ jobs, starters, shares }: PolicyEvaluatorParts) {
    this.#jobs = jobs
    this.#starters = starters
    this.#metered = new MeteredSets(shares)
  }

  /** Evaluates a set for the facts of a call. No answer means deny. */
  async evaluate(org: OrgId, set: PolicySet, input: PolicyInput): Promise<PolicyEvaluation> {
    if (set.isOurs) return { ...evaluate([this.#starter()], input), ended: null }
    const evaluated = this.#metered.evaluate(org, set, input)
    return evaluated ? { ...evaluated, ended: null } : this.try(org, set, input)
  }

  /** The same for an input that a caller made up: always in a worker, since it may be anything. */
  async try(org: OrgId, { id, modules }: PolicySet, input: PolicyInput): Promise<PolicyEvaluation> {
    for (let loads = 0; loads <= MOST_LOADS; loads += 1) {
      const asked = await this.#ask(org, { message: { ask: 'evaluate', set: id, input } }, EVALUATION)
      if (asked.answer === 'evaluated') return { ...asked, ended: null }
      if (asked.answer === 'ended') return ended(asked.why)
      const loaded = await this.#ask(org, { message: { ask: 'load', set: id }, bytes: modules }, LOADING)
      if (loaded.answer === 'ended') return ended(loaded.why)
    }
    return ended('crowded')
  }

  /** Checks whether these modules may be put into force together for an org. */
  async check(org: OrgId, modules: readonly Uint8Array[]): Promise<Checked> {
    const checked = await this.#ask(org, { message: { ask: 'check', org }, bytes: modules }, CHECK)
    if (checked.answer === 'fine') return { status: 'fine' }
    if (checked.answer === 'refused' || checked.answer === 'damaged')
      return { status: checked.answer, why: checked.why }
    return { status: 'refused', why: CHECK_WHY[checked.answer === 'ended' ? checked.why : 'broken'] }
  }

  #starter(): Engine {
    return (this.#ours ??= Engine.of(this.#starters.module))
  }

  async #ask(org: OrgId, told: Told, limits: Limits): Promise<Answer> {
    const outcome = await this.#jobs.run({ org, tool: 'policies', ...told, ...limits })
    return outcome.outcome === 'answered' ? (outcome.answer as PolicyAnswer) : { answer: 'ended', why: outcome.why }
  }
}
