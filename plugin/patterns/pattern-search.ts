import { ChannelError } from '../contract/errors/errors.ts'
import type { OrgId } from '../contract/ids.ts'
import type { PatternAnswer, PatternMessage } from './search-tool.ts'
import type { Job, JobFailure, JobRunner } from '../workers/job.ts'

/** The result of searching for a pattern in a worker. `too_slow`: the search had to be ended. `broken`: it failed twice. */
export type Searched = 'found' | 'absent' | 'too_slow' | 'broken'

/** The text and the patterns, in the order of the search. `all`: also searches the patterns behind the first that is found. */
export type Search = { readonly text: string; readonly patterns: readonly string[]; readonly all: boolean }

type Limits = Pick<Job, 'limitMs' | 'longestMs' | 'patienceMs'>

/** The limit of one search. On a busy machine, which delays it, it may take up to a second. */
const SEARCH: Limits = { limitMs: 200, longestMs: 1_000, patienceMs: 60_000 }
/** The limit for compiling all patterns of an org. Patterns that an earlier version accepted may be large. */
const WEIGHING: Limits = { limitMs: 2_000, longestMs: 10_000, patienceMs: 60_000 }
const TOO_LONG_TO_READ = 'match_rule.text_regex takes too long to be read. Shorten it.'
/** A worker may fail for reasons of its own, so a search is tried this often. */
const MOST_TRIES = 2

type Asked<Ask extends PatternMessage['ask']> =
  { readonly answer: PatternAnswer[Ask] } | { readonly ended: Exclude<JobFailure, 'crowded' | 'closed'> }

const searchedAs = (isThere: boolean): Searched => (isThere ? 'found' : 'absent')

/**
 * Runs patterns of bindings in a worker, where they can be ended. Every method throws ChannelError `patterns_not_searched` if no
 * worker is available.
 */
export class PatternSearch {
  readonly #jobs: JobRunner

  constructor(jobs: JobRunner) {
    this.#jobs = jobs
  }

  /**
   * The result for each pattern, up to the first that is found or unknown. `wasSlow`: the search of all patterns together took too
   * long, and each was searched separately.
   */
  async search(org: OrgId, { text, patterns, all }: Search): Promise<{ searched: Searched[]; wasSlow: boolean }> {
    const together = await this.#ask(org, { ask: 'search', text, patterns, all }, SEARCH)
    if ('answer' in together) return { searched: together.answer.map(searchedAs), wasSlow: false }
    const searched: Searched[] = []
    for (const pattern of patterns) {
      const alone = patterns.length === 1 ? together : await this.#alone(org, text, pattern)
      const became = 'answer' in alone ? searchedAs(alone.answer[0] === true) : whyNot(alone.ended)
      searched.push(became)
      if (!all && became !== 'absent') break
    }
    return { searched, wasSlow: true }
  }

  /** The first match of each pattern in a text; null if there is none, or if the search took too long. */
  async show(org: OrgId, text: string, patterns: readonly string[]): Promise<readonly (string | null)[]> {
    const shown = await this.#ask(org, { ask: 'show', text, patterns }, SEARCH)
    return 'answer' in shown ? shown.answer : patterns.map(() => null)
  }

  /** Refuses a pattern that cannot be searched. @throws ChannelError `bad_request` */
  async check(org: OrgId, pattern: string): Promise<void> {
    const checked = await this.#ask(org, { ask: 'check', pattern }, SEARCH)
    const fault = 'answer' in checked ? checked.answer : TOO_LONG_TO_READ
    if (fault !== null) throw new ChannelError('bad_request', fault)
  }

  /** The number of instructions of each pattern, by its text; null if there are too many to be counted. */
  async weigh(org: OrgId, patterns: readonly string[]): Promise<ReadonlyMap<string, number> | null> {
    if (patterns.length === 0) return new Map()
    const weighed = await this.#ask(org, { ask: 'weigh', patterns }, WEIGHING)
    return 'answer' in weighed ? new Map(patterns.map((pattern, at) => [pattern, weighed.answer[at] ?? 0])) : null
  }

  #alone(org: OrgId, text: string, pattern: string): Promise<Asked<'search'>> {
    return this.#ask(org, { ask: 'search', text, patterns: [pattern], all: false }, SEARCH)
  }

  async #ask<Ask extends PatternMessage['ask']>(
    org: OrgId,
    message: Extract<PatternMessage, { ask: Ask }>,
    limits: Limits,
  ): Promise<Asked<Ask>> {
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.#jobs.run({ org, tool: 'patterns', message, ...limits })
      if (outcome.outcome === 'answered') return { answer: outcome.answer as PatternAnswer[Ask] }
      const { why } = outcome
      if (why === 'crowded' || why === 'closed') throw new ChannelError('patterns_not_searched')
      if (why !== 'broken' || tries >= MOST_TRIES) return { ended: why }
    }
  }
}

const whyNot = (ended: 'time' | 'memory' | 'broken'): Searched => (ended === 'broken' ? 'broken' : 'too_slow')
