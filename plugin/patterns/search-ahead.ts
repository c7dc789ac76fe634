import type { Binding } from '../contract/binding.ts'
import type { Log } from '../contract/host.ts'
import type { OrgId, Person } from '../contract/ids.ts'
import type { Findings, Wanted } from './findings.ts'
import type { PatternSearch } from './pattern-search.ts'
import { STEPS_OF_A_TEXT, stepsOf, weightOf } from './search-cost.ts'
import { nameOf, SlowSenders } from './slow-senders.ts'
import { suspendBinding } from '../store/accounts/bindings.ts'
import type { Store } from '../store/database.ts'
import { JobFailures } from '../workers/job-failures.ts'

/** What searching needs. */
export type SearchAheadParts = { readonly store: Store; readonly patterns: PatternSearch; readonly log: Log }

/** The most bindings whose ended searches are remembered. Those whose searches were ended longest ago are forgotten. */
const MOST_BINDINGS = 1_000

type Ended = { readonly version: number; readonly failures: JobFailures }

/**
 * Searches texts for the patterns of bindings ahead of the transaction that needs the results, and suspends bindings whose patterns
 * take too long.
 */
export class SearchAhead {
  readonly #parts: SearchAheadParts
  readonly #ended = new Map<string, Ended>()
  readonly #slow = new SlowSenders()

  constructor(parts: SearchAheadParts) {
    this.#parts = parts
  }

  /** Runs all wanted searches. @throws ChannelError `patterns_not_searched` if nothing can be searched now. */
  async search(org: OrgId, wanted: readonly Wanted[], findings: Findings): Promise<void> {
    for (const each of wanted) await this.#find(org, each, findings)
  }

  async #find(org: OrgId, wanted: Wanted, findings: Findings): Promise<void> {
    const { text, bindings, sender } = wanted
    const patterns = bindings.map(({ rule }) => rule.text_regex ?? '')
    const [first = ''] = patterns
    const isLong = patterns.reduce((sum, each) => sum + stepsOf(weightOf(each), text), 0) > STEPS_OF_A_TEXT
    if (isLong && this.#slow.isOne(org, sender, Date.now())) return findings.note(wanted, first, 'too_slow')
    const { searched, wasSlow } = await this.#parts.patterns.search(org, { text, patterns, all: false })
    if (wasSlow) this.#slow.note(org, sender, Date.now())
    for (const [at, became] of searched.entries()) {
      const binding = bindings[at]
      if (binding && became === 'too_slow') await this.#noteEnd(binding, sender)
      findings.note(wanted, patterns[at] ?? '', became === 'broken' ? 'too_slow' : became)
    }
  }

  async #noteEnd(binding: Binding, sender: Person): Promise<void> {
    const { id, org, version } = binding
    const { store, log } = this.#parts
    const before = this.#ended.get(id)
    const { failures } = before?.version === version ? before : { failures: new JobFailures() }
    this.#ended.delete(id)
    this.#ended.set(id, { version, failures })
    const [oldest] = this.#ended.keys()
    if (oldest !== undefined && this.#ended.size > MOST_BINDINGS) this.#ended.delete(oldest)
    if (!failures.note(nameOf(sender), Date.now())) return
    const isSuspended = await store.transaction(transaction => suspendBinding(transaction, binding, Date.now()))
    if (isSuspended) log.error({ org, binding: id }, 'binding suspended')
  }
}
