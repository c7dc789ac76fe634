import type { ArtifactRoom } from '../contract/artifact.ts'
import type { Backlog, ConnectionState } from '../contract/connection.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { Held } from '../contract/limits.ts'
import type { GateDecision, ToolEffect } from '../contract/policy.ts'
import type { HealthNumbers } from './health-gauges.ts'
import { type Gauges, OrgMetrics } from './org-metrics.ts'
import { countOpenTurns, listLastSeen, listSteps, oldestQueuedAt, unsentOf } from '../store/turns/metrics-queries.ts'
import type { Store } from '../store/database.ts'
import { listChangedOrgs } from '../store/sends/send-changes.ts'
import { lastSeq } from '../store/sql/sequences.ts'
import type { Outcome } from '../store/sql/schema.ts'
import type { TurnEnd } from '../store/turns/turns.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'

const STEPS_AT_A_TIME = 1_000

/** The counted facts about an account's committed messages. */
type Committed = {
  /**
   * The messages that were not seen before. `receivedAt`: when the gateway received it; `unsupported`: WhatsApp's name for its
   * kind, if it is unsupported.
   */
  readonly arrived: readonly {
    readonly outcome: Outcome
    readonly receivedAt: number
    readonly unsupported: string | null
  }[]
  /** The outcomes of messages that were stored before and are judged differently now. */
  readonly reconsidered: readonly Outcome[]
  readonly duplicates: number
}

/** What the metrics need. */
export type MetricsParts = {
  readonly store: Store
  /** The current state of an account's link. */
  readonly stateOf: (key: AccountKey) => ConnectionState
  /** When WhatsApp will refuse the account's client, as it has announced, in ms UTC; null if it has announced nothing. */
  readonly expiryOf: (key: AccountKey) => Promise<number | null>
  /** The backlog that is still expected for an account; null if there is none. */
  readonly backlogOf: (key: AccountKey) => Backlog | null
  /** The numbers beside those of the links. */
  readonly healthOf: (org: OrgId) => Promise<HealthNumbers>
  /** How much storage of the host an org's files use and may use; undefined if the host does not report it. */
  readonly roomOf: (org: OrgId) => Promise<ArtifactRoom | undefined>
}

/**
 * The orgs' metrics. Events are counted from the start of this process on; current states are read from the store for each request.
 * Labels are words of ours and names of accounts, never numbers, addresses or texts.
 */
export class Metrics {
  readonly #parts: MetricsParts
  readonly #orgs = new Map<OrgId, OrgMetrics>()
  /** The sequence number up to which the steps of each org's sends were counted. */
  readonly #counted = new Map<OrgId, number>()
  readonly #mutex = new KeyedMutex()

  constructor(parts: MetricsParts) {
    this.#parts = parts
  }

  /** Starts counting the steps of sends from here on. */
  async open(): Promise<void> {
    const { connection } = this.#parts.store
    for (const org of await listChangedOrgs(connection))
      this.#counted.set(org, await lastSeq(connection, org, 'send_sequences'))
  }

  /** Counts committed messages. */
  admitted({ org, account }: AccountKey, { arrived, reconsidered, duplicates }: Committed): void {
    const metrics = this.#of(org)
    const now = Date.now()
    for (const { outcome, receivedAt, unsupported } of arrived) {
      metrics.arrived(account, outcome, now - receivedAt)
      if (unsupported !== null) metrics.unsupported(account, unsupported)
    }
    for (const outcome of reconsidered) metrics.reconsidered(account, outcome)
    if (duplicates > 0) metrics.seenBefore(account, duplicates)
  }

  /** Counts stanzas of an unknown kind. */
  unknownStanzas({ org, account }: AccountKey, tag: string, count: number): void {
    this.#of(org).unknownStanzas(account, tag, count)
  }

  attempted(org: OrgId, tookMs: number): void {
    this.#of(org).attempted(tookMs)
  }

  ended(org: OrgId, status: TurnEnd['status']): void {
    this.#of(org).ended(status)
  }

  judged(org: OrgId, decision: GateDecision['decision'], effect: ToolEffect | 'unknown'): void {
    this.#of(org).judged(decision, effect)
  }

  /** An org's metrics in the text format of Prometheus. */
  text(org: OrgId, held: Held): Promise<string> {
    return this.#mutex.run(org, async () => {
      await this.#countSteps(org)
      return this.#of(org).text({ ...(await this.#gauges(org)), held })
    })
  }

  /** The steps of sends are numbered and stored. This counts those that were added since the last call. */
  async #countSteps(org: OrgId): Promise<void> {
    const { connection } = this.#parts.store
    for (let full = true; full;) {
      const page = { after: this.#counted.get(org) ?? 0, most: STEPS_AT_A_TIME }
      const steps = await listSteps(connection, org, page)
      for (const { status } of steps) this.#of(org).step(status)
      this.#counted.set(org, steps.at(-1)?.seq ?? page.after)
      full = steps.length === page.most
    }
  }

  async #gauges(org: OrgId): Promise<Omit<Gauges, 'held'>> {
    const { store, stateOf, expiryOf, backlogOf } = this.#parts
    const { connection } = store
    const accounts = []
    for (const seen of await listLastSeen(connection, org)) {
      const key = { org, account: seen.account }
      const state = stateOf(key)
      const reason = ('reason' in state && state.reason) || null
      const told = { status: state.status, reason, expiresAt: await expiryOf(key), backlog: backlogOf(key) }
      accounts.push({ ...seen, ...told, unsent: await unsentOf(connection, key) })
    }
    return {
      accounts,
      health: await this.#parts.healthOf(org),
      openTurns: await countOpenTurns(connection, org),
      oldestQueuedAt: await oldestQueuedAt(connection, org),
      room: await this.#parts.roomOf(org).catch(() => undefined),
      now: Date.now(),
    }
  }

  #of(org: OrgId): OrgMetrics {
    const known = this.#orgs.get(org)
    if (known) return known
    const metrics = new OrgMetrics()
    this.#orgs.set(org, metrics)
    return metrics
  }
}
