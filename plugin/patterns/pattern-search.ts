import { ChannelError } from '../contract/errors/errors.ts'
import type { OrgId } from '../contract/ids.ts'
import type { PatternAnswer, PatternMessage } from './search-tool.ts'
import type { Ending, Work, Workshop } from '../workers/work.ts'

/** What became of searching a pattern in a text. `too_slow`: it had to be ended. `broken`: it broke down, twice. */
export type Searched = 'found' | 'absent' | 'too_slow' | 'broken'

/** Patterns, in the order in which they are searched, and the text. `all`: also those behind the first that is found. */
export type Search = { readonly text: string; readonly patterns: readonly string[]; readonly all: boolean }

type Limits = Pick<Work, 'limitMs' | 'longestMs' | 'patienceMs'>

/** A search may run for this long; on a busy machine, which keeps it from running, it may take up to a second. */
const SEARCH: Limits = { limitMs: 200, longestMs: 1_000, patienceMs: 60_000 }
/** All patterns of an org, made; some that an earlier version let be made are large. */
const WEIGHING: Limits = { limitMs: 2_000, longestMs: 10_000, patienceMs: 60_000 }
const TOO_LONG_TO_READ = 'match_rule.text_regex takes too long to be read. Shorten it.'
/** A worker may break down for reasons of its own. */
const MOST_TRIES = 2

type Asked<Ask extends PatternMessage['ask']> =
  { readonly answer: PatternAnswer[Ask] } | { readonly ended: Exclude<Ending, 'crowded' | 'closed'> }

const searchedAs = (isThere: boolean): Searched => (isThere ? 'found' : 'absent')

/**
 * Asks about patterns of bindings where that can be ended: in a worker. Whatever it is, it throws ChannelError
 * `patterns_not_searched` when there is none for it now.
 */
export class PatternSearch {
  readonly #workshop: Workshop

  constructor(workshop: Workshop) {
    this.#workshop = workshop
  }

  /**
   * What becomes of each pattern, up to the first that is found or of which it is not known. `wasSlow`: all of them together took too
   * long, and each was searched by itself.
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

  /** What each pattern finds first in a text; null where there is nothing, or where it took too long to say. */
  async show(org: OrgId, text: string, patterns: readonly string[]): Promise<readonly (string | null)[]> {
    const shown = await this.#ask(org, { ask: 'show', text, patterns }, SEARCH)
    return 'answer' in shown ? shown.answer : patterns.map(() => null)
  }

  /** Refuses a pattern that could not be searched. @throws ChannelError `bad_request` */
  async check(org: OrgId, pattern: string): Promise<void> {
    const checked = await this.#ask(org, { ask: 'check', pattern }, SEARCH)
    const fault = 'answer' in checked ? checked.answer : TOO_LONG_TO_READ
    if (fault !== null) throw new ChannelError('bad_request', fault)
  }

  /** How many instructions each pattern has, by its text; null when they are too many to be told. */
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
      const outcome = await this.#workshop.run({ org, tool: 'patterns', message, ...limits })
      if (outcome.outcome === 'answered') return { answer: outcome.answer as PatternAnswer[Ask] }
      const { why } = outcome
      if (why === 'crowded' || why === 'closed') throw new ChannelError('patterns_not_searched')
      if (why !== 'broken' || tries >= MOST_TRIES) return { ended: why }
    }
  }
}

const whyNot = (ended: 'time' | 'memory' | 'broken'): Searched => (ended === 'broken' ? 'broken' : 'too_slow')
