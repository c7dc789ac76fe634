import { Counter, Gauge, Histogram, Registry } from 'prom-client'

import type { ArtifactRoom } from '../contract/artifact.ts'
import type { UnmatchedReason } from '../contract/binding.ts'
import type { Backlog, ConnectionState } from '../contract/connection.ts'
import type { Held } from '../contract/limits.ts'
import type { DeliveryStatus } from '../contract/delivery.ts'
import type { AccountName } from '../contract/ids.ts'
import { HealthGauges, type HealthNumbers } from './health-gauges.ts'
import type { ToolEffect, GateDecision } from '../contract/policy.ts'
import { type LastSeen, OPEN_TURNS, type Unsent } from '../store/turns/metrics-queries.ts'
import type { Outcome } from '../store/sql/schema.ts'
import type { TurnEnd } from '../store/turns/turns.ts'

type Status = ConnectionState['status']

const STATES: Record<Status, true> = {
  not_configured: true,
  not_paired: true,
  pairing: true,
  connecting: true,
  connected: true,
  degraded: true,
  waiting: true,
  stopped: true,
}
const ENDS: Record<TurnEnd['status'], true> = {
  answered: true,
  no_reply: true,
  needs_operator: true,
  dead_letter: true,
}
const DELIVERY_STEPS: Record<DeliveryStatus, true> = {
  accepted: true,
  sent: true,
  delivered: true,
  read: true,
  rejected: true,
  expired: true,
  cancelled: true,
}
const REASONS: Record<UnmatchedReason, true> = {
  rate_limited: true,
  human_takeover: true,
  album_late: true,
  edited_away: true,
  rule_too_slow: true,
  loop_suspected: true,
  no_binding: true,
  identity_unknown: true,
  link_unconfirmed: true,
}
const DECISIONS: Record<GateDecision['decision'], true> = { allow: true, approval_required: true, deny: true }
const EFFECTS: Record<ToolEffect | 'unknown', true> = { read: true, write: true, destructive: true, unknown: true }

/** Strangers choose the kinds of their messages, and admins the number of accounts. Only this many get a label of their own. */
const NAMES_MOST = 64
const OTHER = 'other'
/** The form of WhatsApp's own names of kinds, which no number or text has. */
const KIND = /^[a-z][A-Za-z]{0,50}Message(V[0-9])?$|^unknown$/

/** Returns the first names unchanged, and `other` for every later one. */
function few(): (name: string) => string {
  const known = new Set<string>()
  return name => {
    if (known.size < NAMES_MOST) known.add(name)
    return known.has(name) ? name : OTHER
  }
}

/** The current numbers of an account. */
export type AccountGauges = LastSeen & {
  readonly status: Status
  /** Why it is not connected, or not well; null if it is. */
  readonly reason: string | null
  readonly unsent: Unsent
  readonly expiresAt: number | null
  /** The backlog that is still expected for the account; null if there is none. */
  readonly backlog: Backlog | null
}

/** What is read for each request. Instants are ms UTC, null for never or nothing. */
export type Gauges = {
  readonly now: number
  readonly accounts: readonly AccountGauges[]
  readonly health: HealthNumbers
  readonly openTurns: ReadonlyMap<string, number>
  readonly oldestQueuedAt: number | null
  /** The sockets and subscriptions that callers of the API hold. */
  readonly held: Held
  /** undefined if the host does not report it. */
  readonly room: ArtifactRoom | undefined
}

const secondsSince = (at: number, now: number): number => Math.max(0, (now - at) / 1_000)

/** The metrics of one org for Prometheus: counters since this process started, gauges of the moment. */
export class OrgMetrics {
  readonly #registry = new Registry()
  readonly #account = few()
  readonly #kind = few()
  readonly #tag = few()

  readonly #received = this.#counter('messages_received_total', 'Messages that came in, each once.', ['account'])
  readonly #matched = this.#counter('messages_matched_total', 'Of these, those that a binding took.', ['account'])
  readonly #unmatched = this.#counter('messages_unmatched_total', 'Of these, those that no binding took.', [
    'account',
    'reason',
  ])
  readonly #ignored = this.#counter('messages_ignored_total', 'Of these, those that no binding was asked about.', [
    'account',
    'reason',
  ])
  readonly #undecryptable = this.#counter('messages_undecryptable_total', 'Of these, those that could not be read.', [
    'account',
  ])
  readonly #reconsidered = this.#counter(
    'messages_reconsidered_total',
    'Messages that became something else than at first: decrypted, asked about again.',
    ['account', 'outcome'],
  )
  readonly #duplicates = this.#counter('messages_duplicate_total', 'Messages that had come before.', ['account'])
  readonly #unsupported = this.#counter('messages_unsupported_total', 'Messages of a kind that is not carried.', [
    'account',
    'kind',
  ])
  readonly #unknownStanzas = this.#counter(
    'unknown_stanzas_total',
    'What WhatsApp sent of a kind that this version does not know.',
    ['account', 'tag'],
  )
  readonly #turns = this.#counter('turns_total', 'Turns that ended, or came to wait for a person.', ['status'])
  readonly #decisions = this.#counter('tool_decisions_total', 'What the gate said to calls of tools.', [
    'decision',
    'effect',
  ])
  readonly #steps = this.#counter('deliveries_total', 'Sends that came to be in this state.', ['status'])

  readonly #delay = this.#histogram(
    'message_delay_seconds',
    'From the gateway having a message to the store having it.',
  )
  readonly #attempts = this.#histogram('turn_attempt_seconds', 'How long an attempt at a turn took.')

  readonly #openTurns = this.#gauge('turns_open', 'Turns that are not over.', ['status'])
  readonly #waiting = this.#gauge('deliveries_waiting', 'Sends that WhatsApp has not answered; held: for a person.', [
    'account',
    'held',
  ])
  readonly #state = this.#gauge('gateway_state', 'Whether the link is in this state: 1, else 0.', ['account', 'state'])
  readonly #oldestQueued = this.#gauge(
    'oldest_queued_turn_age_seconds',
    'How long the queued turn has waited that has waited longest; 0 when none does.',
    [],
  )
  readonly #oldestUnsent = this.#gauge(
    'oldest_unsent_age_seconds',
    'How long the send has waited for WhatsApp that has waited longest; 0 when none does.',
    ['account'],
  )
  readonly #backlogAnnounced = this.#gauge(
    'backlog_announced',
    'How much waited at WhatsApp when the account logged in; 0 once nothing more is awaited.',
    ['account'],
  )
  readonly #backlogReceived = this.#gauge('backlog_received', 'Of this, how much has come.', ['account'])
  readonly #lastReceived = this.#gauge('last_received_age_seconds', 'Since the gateway had the last message.', [
    'account',
  ])
  readonly #lastConnected = this.#gauge('last_connected_age_seconds', 'Since the account last became connected.', [
    'account',
  ])
  readonly #expires = this.#gauge(
    'client_expires_timestamp_seconds',
    'When WhatsApp says that it will refuse this version of the client; missing while it says nothing.',
    ['account'],
  )

  readonly #sockets = this.#gauge('api_sockets', 'WebSockets that are open with tokens of the org.', [])
  readonly #subscriptions = this.#gauge('api_subscriptions', 'Subscriptions that are open by them.', [])

  readonly #storedBytes = this.#gauge('stored_bytes', 'Bytes of files that the host keeps for the org.', [])
  readonly #storableBytes = this.#gauge(
    'stored_bytes_most',
    'Bytes that it may keep for the org; 0: it does not say.',
    [],
  )

  readonly #health = new HealthGauges(this.#registry)

  /** The gauges of accounts, which may be removed. */
  readonly #ofAccounts = [
    this.#waiting,
    this.#state,
    this.#oldestUnsent,
    this.#backlogAnnounced,
    this.#backlogReceived,
    this.#lastReceived,
    this.#lastConnected,
    this.#expires,
  ]

  constructor() {
    for (const status of Object.keys(ENDS)) this.#turns.inc({ status }, 0)
    for (const status of Object.keys(DELIVERY_STEPS)) this.#steps.inc({ status }, 0)
    for (const decision of Object.keys(DECISIONS))
      for (const effect of Object.keys(EFFECTS)) this.#decisions.inc({ decision, effect }, 0)
  }

  /** Counts a new message, which the gateway received `delayMs` ago. */
  arrived(name: AccountName, outcome: Outcome, delayMs: number): void {
    const account = this.#account(name)
    const [word, reason = ''] = outcome.split(': ')
    this.#received.inc({ account })
    this.#delay.observe(Math.max(0, delayMs / 1_000))
    if (word === 'unmatched') this.#unmatched.inc({ account, reason })
    else if (word === 'ignored') this.#ignored.inc({ account, reason })
    else if (word === 'undecryptable') this.#undecryptable.inc({ account })
    else this.#matched.inc({ account })
  }

  /** Counts a message whose outcome has changed. */
  reconsidered(name: AccountName, now: Outcome): void {
    const [outcome = OTHER] = now.split(': ')
    this.#reconsidered.inc({ account: this.#account(name), outcome })
  }

  seenBefore(name: AccountName, count: number): void {
    this.#duplicates.inc({ account: this.#account(name) }, count)
  }

  /** Counts a message of an unsupported kind. */
  unsupported(name: AccountName, kind: string): void {
    this.#unsupported.inc({ account: this.#account(name), kind: KIND.test(kind) ? this.#kind(kind) : OTHER })
  }

  /** Counts stanzas of an unknown kind. */
  unknownStanzas(name: AccountName, tag: string, count: number): void {
    this.#unknownStanzas.inc({ account: this.#account(name), tag: this.#tag(tag) }, count)
  }

  attempted(tookMs: number): void {
    this.#attempts.observe(tookMs / 1_000)
  }

  ended(status: TurnEnd['status']): void {
    this.#turns.inc({ status })
  }

  judged(decision: GateDecision['decision'], effect: ToolEffect | 'unknown'): void {
    this.#decisions.inc({ decision, effect })
  }

  /** Counts a send that has reached a state. */
  step(status: DeliveryStatus): void {
    this.#steps.inc({ status })
  }

  /** All metrics in the text format of Prometheus, with the current gauges. */
  text({ now, accounts, openTurns, oldestQueuedAt, held, room, health }: Gauges): Promise<string> {
    this.#sockets.set(held.sockets)
    this.#subscriptions.set(held.subscriptions)
    this.#storedBytes.set(room?.usedBytes ?? 0)
    this.#storableBytes.set(room?.mostBytes ?? 0)
    for (const gauge of this.#ofAccounts) gauge.reset()
    for (const status of OPEN_TURNS) this.#openTurns.set({ status }, openTurns.get(status) ?? 0)
    this.#oldestQueued.set(oldestQueuedAt === null ? 0 : secondsSince(oldestQueuedAt, now))
    for (const account of accounts) this.#show(account, now)
    const reasons = accounts.map(({ account, reason }) => ({ account: this.#account(account) as AccountName, reason }))
    this.#health.set(health, reasons, now)
    return this.#registry.metrics()
  }

  #show({ account: name, status, unsent, backlog, expiresAt, ...seen }: AccountGauges, now: number): void {
    const { connectedAt, receivedAt } = seen
    const account = this.#account(name)
    // The counters exist from the beginning, so that the first event is seen as an increase and not as a new counter.
    for (const counter of [this.#received, this.#matched, this.#undecryptable, this.#duplicates])
      counter.inc({ account }, 0)
    for (const reason of Object.keys(REASONS)) this.#unmatched.inc({ account, reason }, 0)
    for (const state of Object.keys(STATES)) this.#state.set({ account, state }, state === status ? 1 : 0)
    this.#backlogAnnounced.set({ account }, backlog?.total ?? 0)
    this.#backlogReceived.set({ account }, backlog?.done ?? 0)
    this.#waiting.set({ account, held: 'no' }, unsent.waiting)
    this.#waiting.set({ account, held: 'yes' }, unsent.held)
    this.#oldestUnsent.set({ account }, unsent.oldestAt === null ? 0 : secondsSince(unsent.oldestAt, now))
    if (receivedAt !== null) this.#lastReceived.set({ account }, secondsSince(receivedAt, now))
    if (expiresAt !== null) this.#expires.set({ account }, expiresAt / 1_000)
    if (connectedAt !== null) this.#lastConnected.set({ account }, secondsSince(connectedAt, now))
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `whatsapp_${name}`, help, labelNames, registers: [this.#registry] })
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name: `whatsapp_${name}`, help, labelNames, registers: [this.#registry] })
  }

  #histogram(name: string, help: string): Histogram {
    const buckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300]
    return new Histogram({ name: `whatsapp_${name}`, help, buckets, registers: [this.#registry] })
  }
}
