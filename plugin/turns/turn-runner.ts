import { setTimeout as wait } from 'node:timers/promises'

import type { AgentFailures } from '../health/agent-failures.ts'
import { agentErrorLine } from './agent-error.ts'
import { attempt, type AttemptEnd, AttemptOver, type AttemptParts, type GateListener } from './attempt.ts'
import { createBackoff } from '../base/backoff.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import { FairSlots } from '../base/fair-slots.ts'
import { WakeLoop } from '../base/wake-loop.ts'
import { awaitApproval, type Awaiting, resumeLapsed } from '../store/turns/approval-waits.ts'
import type { Connection } from '../store/sql/connection.ts'
import { beginTurns, nextDueAt, readyTurns } from '../store/turns/ready-turns.ts'
import { endTurn, releaseTurn, requeueTurns, retryTurnAt, type StoredTurn, type TurnEnd } from '../store/turns/turns.ts'

/** An org alone may run 64 turns at a time. Eight places are its own, however many turns of other orgs hang. */
const PLACES = { shared: 56, own: 8 } as const
/** After this many failed attempts a turn becomes a dead letter. Interrupted attempts do not count. */
const FAILURES_MOST = 3
/** How often the process may die while a turn runs: more than bad luck causes, and fewer than a crash loop would. */
const CRASHES_MOST = 20
/**
 * Up to this many crashes count as bad luck, and the turn continues at once. After more crashes it waits, so that other turns can
 * run and one bad minute does not decide about it.
 */
const CRASHES_UNBLAMED = 2
const CRASH_WAIT_MOST_MS = 60_000
const SOONEST_MS = 10
/** Failures of the channel, not of the agent. */
const OURS: ReadonlySet<string> = new Set(['storage', 'reply_not_kept'])

/** Notified of the progress of turns. */
export type TurnListener = GateListener & {
  /** An attempt is over, however it ended. */
  attempted(org: OrgId, tookMs: number): void
  /** A turn has ended, or waits for a person. */
  ended(org: OrgId, status: TurnEnd['status']): void
}

/** What running turns needs. */
export type TurnParts = AttemptParts & {
  readonly listener: TurnListener
  readonly failures: Pick<AgentFailures, 'failed'>
  /** Randomizes the waits between attempts: at least 0, below 1. */
  readonly random: () => number
}

/** A running turn. */
type Run = { readonly abort: AbortController; readonly done: Promise<void> }

/** The ends of attempts that have to be written to the store. */
type Settled = Exclude<AttemptEnd, { outcome: 'taken_back' }>

/** What is written about a turn after an attempt, and the event that is logged. */
type Settlement =
  | ({ readonly event: 'turn waits'; status: 'awaiting_approval'; code: null; failure: null } & Awaiting)
  | {
      readonly event: 'turn interrupted' | 'turn failed'
      status: 'queued'
      code: string | null
      failure: string | null
      nextAt: number | null
    }
  | ({ readonly event: 'turn ended' } & TurnEnd)

/**
 * Runs the queued turns: one at a time in each chat, in order, and different chats in parallel. A failed attempt is followed by
 * another one, and until then its chat waits. Turns that a process left running when it ended are run again. The steps and replies
 * of earlier attempts are kept, so nothing is done or said twice.
 */
export class TurnRunner {
  readonly #parts: TurnParts
  readonly #runs = new Map<string, Run>()
  readonly #places = new FairSlots(PLACES)
  readonly #pump = new WakeLoop(() => this.#startMore())
  readonly #closing = new AbortController()
  #due: NodeJS.Timeout | null = null

  constructor(parts: TurnParts) {
    this.#parts = parts
  }

  /** Queues the turns that the last process left running again, and starts. */
  async open(): Promise<void> {
    const { store, listener } = this.#parts
    const hopeless = await store.transaction(transaction =>
      requeueTurns(transaction, { most: CRASHES_MOST, waitMs: waitAfterCrashes }),
    )
    for (const org of hopeless) listener.ended(org, 'dead_letter')
    void this.#pump.wake()
  }

  /** Called when there may be more turns to run. */
  wake(): void {
    void this.#pump.wake()
  }

  /** These turns were cancelled in the store. Their running attempts end before the next reply. */
  cancelled(ids: readonly string[]): void {
    for (const id of ids) this.#runs.get(id)?.abort.abort(new AttemptOver({ outcome: 'taken_back' }))
    this.wake()
  }

  /** Aborts the running turns, which will be run again later, and waits until the last one has ended. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#pump.close()
    if (this.#due) clearTimeout(this.#due)
    const runs = [...this.#runs.values()]
    for (const { abort } of runs) abort.abort(new AttemptOver({ outcome: 'stopped' }))
    await Promise.all(runs.map(({ done }) => done))
  }

  async #startMore(): Promise<void> {
    const { store, log, random } = this.#parts
    if (this.#closing.signal.aborted) return
    try {
      // The same instant for all three calls: otherwise a turn that falls due between two of them would be missed by both.
      const now = Date.now()
      const turns = await store.transaction(transaction => this.#take(transaction, now))
      for (const turn of turns) this.#start(turn)
      // A running turn may never end, so the next due turn is not left to wait for it.
      const dueAt = await nextDueAt(store.connection, now)
      if (dueAt === null) return
      if (dueAt > now) return this.#wakeIn(dueAt - Date.now())
      await store.transaction(transaction => resumeLapsed(transaction, now))
      void this.#pump.wake()
    } catch (error) {
      log.error({ ...errorFields(error) }, 'turns not taken')
      this.#wakeIn(createBackoff(random).next(0))
    }
  }

  async #take(transaction: Connection, now: number): Promise<StoredTurn[]> {
    const hasRoom = (key: AccountKey): boolean => this.#places.hasRoom(key)
    const ready = await readyTurns(transaction, { now, most: this.#places.most, hasRoom })
    const { settings } = this.#parts
    return beginTurns(transaction, this.#places.next(ready), org => settings(org).turnDeadlineMs)
  }

  #wakeIn(delayMs: number): void {
    if (this.#closing.signal.aborted) return
    if (this.#due) clearTimeout(this.#due)
    this.#due = setTimeout(() => void this.#pump.wake(), Math.max(SOONEST_MS, delayMs))
  }

  #start(turn: StoredTurn): void {
    const abort = new AbortController()
    const leave = this.#places.begin(turn)
    const done = this.#run(turn, abort).finally(() => {
      this.#runs.delete(turn.id)
      leave()
      void this.#pump.wake()
    })
    this.#runs.set(turn.id, { abort, done })
  }

  async #run(turn: StoredTurn, abort: AbortController): Promise<void> {
    const { log, settings, listener } = this.#parts
    const deadline = new AttemptOver({ outcome: 'failed', code: 'deadline' })
    const timer = setTimeout(() => abort.abort(deadline), settings(turn.org).turnDeadlineMs)
    log.info({ ...fieldsOf(turn), attempt: turn.attempt }, 'turn begun')
    const beganAt = performance.now()
    const end = await attempt(this.#parts, turn, abort)
    clearTimeout(timer)
    listener.attempted(turn.org, performance.now() - beganAt)
    // An agent that still holds the turn's signal is told that the attempt is over, however it ended.
    abort.abort(new AttemptOver({ outcome: 'stopped' }))
    if (end.outcome === 'taken_back') log.info({ ...fieldsOf(turn), attempt: turn.attempt }, 'turn taken back')
    else await this.#settle(turn, end)
  }

  /** Writes how an attempt ended, and retries for as long as the store fails. Until then the turn's chat waits. */
  async #settle(turn: StoredTurn, end: Settled): Promise<void> {
    const { store, log, random, listener, failures } = this.#parts
    const backoff = createBackoff(random)
    const settlement = this.#settlementOf(turn, end)
    if (end.outcome === 'failed' && !OURS.has(end.code)) failures.failed(turn, Date.now())
    for (;;) {
      try {
        await store.transaction(transaction => write(transaction, turn, settlement))
        const { event, code, status } = settlement
        const fields = { ...fieldsOf(turn), attempt: turn.attempt, status, code, ...errorOf(end) }
        log[levelOf(settlement)](fields, event)
        if (status !== 'queued' && status !== 'awaiting_approval') listener.ended(turn.org, status)
        return
      } catch (error) {
        log.error({ ...fieldsOf(turn), ...errorFields(error) }, 'turn not settled')
        if (this.#closing.signal.aborted) return
        await pause(backoff.next(0), this.#closing.signal)
      }
    }
  }

  #settlementOf({ failures }: StoredTurn, end: Settled): Settlement {
    const code = 'code' in end ? end.code : null
    const failure = 'error' in end && end.error ? agentErrorLine(end.error) : null
    if (end.outcome === 'awaiting_approval') {
      return {
        event: 'turn waits',
        status: end.outcome,
        code: null,
        failure: null,
        approvalId: end.approvalId,
        until: end.until,
      }
    }
    if (end.outcome === 'stopped') return { event: 'turn interrupted', status: 'queued', code, failure, nextAt: null }
    if (end.outcome === 'failed' && failures + 1 < FAILURES_MOST) {
      return { event: 'turn failed', status: 'queued', code, failure, nextAt: Date.now() + this.#waitAfter(failures) }
    }
    const status = end.outcome === 'failed' ? 'dead_letter' : end.outcome
    return { event: 'turn ended', status, code, failure, step: 'step' in end ? end.step : null }
  }

  /** How long to wait after a failure that followed `failures` earlier ones. */
  #waitAfter(failures: number): number {
    const backoff = createBackoff(this.#parts.random)
    for (let past = 0; past < failures; past += 1) backoff.next(0)
    return backoff.next(0)
  }
}

/** A second, then twice as long each time. */
const waitAfterCrashes = (crashes: number): number =>
  crashes <= CRASHES_UNBLAMED ? 0 : Math.min(CRASH_WAIT_MOST_MS, 1_000 * 2 ** (crashes - CRASHES_UNBLAMED - 1))

function write(transaction: Connection, turn: StoredTurn, settlement: Settlement): Promise<void> {
  if (settlement.status === 'awaiting_approval') return awaitApproval(transaction, turn, settlement)
  if (settlement.status !== 'queued') return endTurn(transaction, turn, settlement)
  const { code, failure, nextAt } = settlement
  return nextAt === null ? releaseTurn(transaction, turn) : retryTurnAt(transaction, turn, { code, failure, nextAt })
}

/** Logs what a person has to look at as an error, and what is retried as a warning. */
function levelOf({ event, status }: Settlement): 'info' | 'warn' | 'error' {
  if (status === 'dead_letter') return 'error'
  return event === 'turn failed' || status === 'needs_operator' ? 'warn' : 'info'
}

/** Only the class and code of the error: its message is for the org's admins only. */
const errorOf = (end: Settled) =>
  'error' in end && end.error ? { error: end.error.name, error_code: end.error.code } : {}

const fieldsOf = ({ org, account, id, messageId, agent }: StoredTurn) => ({
  org,
  account,
  turn: id,
  message: messageId,
  agent,
})

/** Waits for the given time, or until the signal is aborted. */
const pause = (delayMs: number, signal: AbortSignal): Promise<void> =>
  wait(delayMs, undefined, { signal }).catch(() => undefined)
