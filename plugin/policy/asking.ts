import type { OrgId } from '../contract/ids.ts'
import type { Ending, Work, Workshop } from '../workers/work.ts'
import { Engine } from './engine.ts'
import { evaluate, type Evaluation, LONGEST_MS, undecided } from './evaluation.ts'
import type { PolicyInput } from './input.ts'
import type { PolicyAnswer, PolicyMessage } from './policy-tool.ts'
import type { Starters } from './starters.ts'

/** Policies that decide together. */
export type PolicySet = {
  /** No other has it, not even one of the same policies. */
  readonly id: string
  /** What is made of the same files is called the same. */
  readonly name: string
  readonly modules: readonly Uint8Array[]
  /** Whether it is what this package carries, and not a word of anybody else. */
  readonly isOurs: boolean
}

/** What a set said, and why it said nothing when it had to be ended. */
export type Asked = Evaluation & { readonly ended: Ending | null }

/** Whether modules may come into force. `damaged`: they cannot even be loaded. */
export type Checked = { readonly status: 'fine' } | { readonly status: 'refused' | 'damaged'; readonly why: string }

type Limits = Pick<Work, 'limitMs' | 'longestMs' | 'patienceMs'>

/** An evaluation may run for this long; on a busy machine, which keeps it from running, it may take up to a second. */
const EVALUATION: Limits = { limitMs: 200, longestMs: LONGEST_MS, patienceMs: 5_000 }
const LOADING: Limits = { limitMs: 2_000, longestMs: 10_000, patienceMs: 5_000 }
const CHECK: Limits = { limitMs: 2_000, longestMs: 60_000, patienceMs: Number.POSITIVE_INFINITY }
/** Another org may have taken the worker that a set was loaded into. */
const MOST_LOADS = 3

const WHY: Readonly<Record<Ending, string>> = {
  time: 'The policies took too long, and were stopped.',
  memory: 'The policies took too much memory, and were stopped.',
  broken: 'The policies could not be evaluated.',
  crowded: 'Too many calls wait for the policies.',
  closed: 'The policies are not asked now.',
}
const CHECK_WHY: Readonly<Record<Ending, string>> = {
  time: 'They take too long to be loaded or to be asked.',
  memory: 'They take too much memory to be loaded or to be asked.',
  broken: 'They break down when they are asked.',
  crowded: 'They could not be tried now: too much is waiting.',
  closed: 'They could not be tried now.',
}

type Answer = PolicyAnswer | { readonly answer: 'ended'; readonly why: Ending }
type Told = { readonly message: PolicyMessage; readonly bytes?: readonly Uint8Array[] }

const ended = (why: Ending): Asked => ({ verdict: undecided(WHY[why]), denials: [], tookMs: 0, ended: why })

/**
 * Asks policies. What a tenant has written runs in a worker, where it can be ended. The starters, while an org has nothing
 * else, are asked in place: they are this package's own text, and the facts of a call are short.
 */
export class Asking {
  readonly #workshop: Workshop
  readonly #starters: Starters
  #ours: Engine | null = null

  constructor(workshop: Workshop, starters: Starters) {
    this.#workshop = workshop
    this.#starters = starters
  }

  /** What a set says of the facts of a call. Whatever has no answer denies. */
  evaluate(org: OrgId, set: PolicySet, input: PolicyInput): Promise<Asked> {
    if (!set.isOurs) return this.try(org, set, input)
    this.#ours ??= new Engine(this.#starters.module)
    return Promise.resolve({ ...evaluate([this.#ours], input), ended: null })
  }

  /** The same, of what somebody made up, which may be anything. */
  async try(org: OrgId, { id, modules }: PolicySet, input: PolicyInput): Promise<Asked> {
    for (let loads = 0; loads <= MOST_LOADS; loads += 1) {
      const asked = await this.#ask(org, { message: { ask: 'evaluate', set: id, input } }, EVALUATION)
      if (asked.answer === 'evaluated') return { ...asked, ended: null }
      if (asked.answer === 'ended') return ended(asked.why)
      const loaded = await this.#ask(org, { message: { ask: 'load', set: id }, bytes: modules }, LOADING)
      if (loaded.answer === 'ended') return ended(loaded.why)
    }
    return ended('crowded')
  }

  /** Whether modules may come into force for an org, together. */
  async check(org: OrgId, modules: readonly Uint8Array[]): Promise<Checked> {
    const checked = await this.#ask(org, { message: { ask: 'check', org }, bytes: modules }, CHECK)
    if (checked.answer === 'fine') return { status: 'fine' }
    if (checked.answer === 'refused' || checked.answer === 'damaged')
      return { status: checked.answer, why: checked.why }
    return { status: 'refused', why: CHECK_WHY[checked.answer === 'ended' ? checked.why : 'broken'] }
  }

  async #ask(org: OrgId, told: Told, limits: Limits): Promise<Answer> {
    const outcome = await this.#workshop.run({ org, tool: 'policies', ...told, ...limits })
    return outcome.outcome === 'answered' ? (outcome.answer as PolicyAnswer) : { answer: 'ended', why: outcome.why }
  }
}
