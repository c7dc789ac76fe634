import { Counter, Gauge, type Registry } from 'prom-client'

import type { AccountName } from '../contract/ids.ts'
import { type Behind, type Problem, PROBLEM_CODES } from '../contract/problem.ts'

/** The current numbers of an org beside those of its links. Instants are ms UTC, null if there is none. */
export type HealthNumbers = {
  readonly problems: readonly Problem[]
  /** The entries in the gateway's journals that the store does not have yet, for each account that has such entries. */
  readonly behind: readonly Behind[]
  readonly oldestRunningAt: number | null
  readonly approvalsWaiting: number
  /** null if the system does not report it. */
  readonly freeBytes: number | null
  /** How often an entry could not be added to the audit log since this process started. */
  readonly auditFailures: number
  readonly filesWork: boolean
}

/** One word for why an account is not connected, or not well; null if it is. */
export type AccountReason = { readonly account: AccountName; readonly reason: string | null }

const EVERY = ''
const secondsSince = (at: number | null, now: number): number => (at === null ? 0 : Math.max(0, (now - at) / 1_000))

/** The gauges that alerts are built on. */
export class HealthGauges {
  readonly #problem: Gauge
  readonly #reason: Gauge
  readonly #journalWaiting: Gauge
  readonly #journalAge: Gauge
  readonly #oldestRunning: Gauge
  readonly #approvals: Gauge
  readonly #diskFree: Gauge
  readonly #auditFailures: Counter
  readonly #filesUp: Gauge

  constructor(registry: Registry) {
    const registers = [registry]
    const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
      new Gauge({ name: `whatsapp_${name}`, help, labelNames, registers })
    this.#problem = gauge('problem', 'Whether this is wrong now: 1, else 0. No account: every one.', [
      'problem',
      'account',
    ])
    this.#reason = gauge('link_reason', 'Why the account is not connected, or not well: 1; missing when it is.', [
      'account',
      'reason',
    ])
    this.#journalWaiting = gauge('journal_waiting', 'About how much has come in that the database has not.', [
      'account',
    ])
    this.#journalAge = gauge('journal_waiting_age_seconds', 'Since when that does not go on.', ['account'])
    this.#oldestRunning = gauge(
      'oldest_running_turn_age_seconds',
      'How long the attempt at a turn has run that has run longest; 0 when none does.',
    )
    this.#approvals = gauge('approvals_waiting', 'Tool calls that wait for a person to approve them.')
    this.#diskFree = gauge('disk_free_bytes', 'Room on the disk of the channel’s files; missing when it is not known.')
    this.#auditFailures = new Counter({
      name: 'whatsapp_audit_failures_total',
      help: 'Entries that the audit log did not take.',
      registers,
    })
    this.#filesUp = gauge('artifacts_up', 'Whether the host can keep files: 1, else 0.')
  }

  /** Sets the gauges to the current numbers. */
  set(numbers: HealthNumbers, accounts: readonly AccountReason[], now: number): void {
    for (const gauge of [this.#problem, this.#reason, this.#journalWaiting, this.#journalAge]) gauge.reset()
    for (const problem of PROBLEM_CODES) this.#problem.set({ problem, account: EVERY }, 0)
    for (const { code, account } of numbers.problems) this.#problem.set({ problem: code, account: account ?? EVERY }, 1)
    for (const { account, reason } of accounts) {
      const behind = numbers.behind.find(each => each.account === account)
      if (reason !== null) this.#reason.set({ account, reason }, 1)
      this.#journalWaiting.set({ account }, behind?.count ?? 0)
      this.#journalAge.set({ account }, secondsSince(behind?.since ?? null, now))
    }
    this.#oldestRunning.set(secondsSince(numbers.oldestRunningAt, now))
    this.#approvals.set(numbers.approvalsWaiting)
    if (numbers.freeBytes === null) this.#diskFree.remove()
    else this.#diskFree.set(numbers.freeBytes)
    this.#auditFailures.reset()
    this.#auditFailures.inc(numbers.auditFailures)
    this.#filesUp.set(numbers.filesWork ? 1 : 0)
  }
}
