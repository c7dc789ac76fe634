import { join } from 'node:path'
import { availableParallelism } from 'node:os'

import type { Log } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import { packageRoot } from '../files/package-root.ts'
import { PoolWorker } from './pool-worker.ts'
import type { Job, JobOutcome, JobRunner } from './job.ts'

const SLOW_FOR_MS = 3_600_000
/** A job that takes more than one part in this many of its limit is slow. */
const SLOW_PART = 4
/** The most waiting jobs of one org. */
const MOST_WAITING = 256
const FEWEST_WORKERS = 3
const MOST_WORKERS = 4
/** A job whose limit exceeds this, in ms, never gets the last free worker. */
const LONG_MS = 250

type Waiting = { readonly job: Job; readonly sinceAt: number; readonly settle: (outcome: JobOutcome) => void }

/** If this many workers end before they accept a job, it is no accident. */
const LOST_MOST = 3
const NONE_LOST = { count: 0, since: 0 }

const CROWDED: JobOutcome = { outcome: 'ended', why: 'crowded' }
const CLOSED: JobOutcome = { outcome: 'ended', why: 'closed' }

const isSlow = (outcome: JobOutcome, { limitMs }: Job): boolean =>
  outcome.outcome === 'answered'
    ? outcome.tookMs > limitMs / SLOW_PART
    : outcome.why === 'time' || outcome.why === 'memory'

/**
 * A pool of workers for computations on tenants' texts. Workers start when they are first needed. Orgs take turns, one job
 * each, and an org holds one worker at most. Long jobs and orgs that were slow within the last hour always leave one worker
 * free for the others.
 */
export class WorkerPool implements JobRunner {
  readonly #log: Log
  readonly #size: number
  readonly #workers = new Set<PoolWorker>()
  /** The orgs in the order of their turns. */
  readonly #queues = new Map<OrgId, Waiting[]>()
  /** The orgs that hold workers, and whether for a long job. */
  readonly #held = new Map<OrgId, { readonly worker: PoolWorker; readonly isLong: boolean }>()
  /** The worker that each org used last: it may have cached what the org needs. */
  readonly #lastOf = new Map<OrgId, PoolWorker>()
  readonly #slowUntil = new Map<OrgId, number>()
  #isClosed = false
  /** How many workers in a row ended before they accepted a job, and since when. */
  #lost: { readonly count: number; readonly since: number } = NONE_LOST

  constructor(log: Log, size = Math.min(MOST_WORKERS, Math.max(FEWEST_WORKERS, availableParallelism()))) {
    this.#log = log
    this.#size = size
  }

  /** Runs a job as soon as a worker is available. Never throws. */
  run(job: Job): Promise<JobOutcome> {
    if (this.#isClosed) return Promise.resolve(CLOSED)
    const queue = this.#queues.get(job.org) ?? []
    if (queue.length >= MOST_WAITING) return Promise.resolve(CROWDED)
    return new Promise(settle => {
      queue.push({ job, sinceAt: performance.now(), settle })
      this.#queues.set(job.org, queue)
      this.#deal()
    })
  }

  /**
   * Since when no worker can be started, in ms UTC; null while workers can be started, as far as known. Each call tries once more.
   */
  downSince(): number | null {
    if (this.#lost.count < LOST_MOST) return null
    if (this.#workers.size === 0 && !this.#isClosed) this.#begin()
    return this.#lost.since
  }

  /** Ends all workers. Waiting and running jobs get no answer. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const { settle } of [...this.#queues.values()].flat()) settle(CLOSED)
    this.#queues.clear()
    await Promise.all([...this.#workers].map(worker => worker.end()))
  }

  #deal(): void {
    for (const [org, queue] of this.#queues) {
      if (this.#held.has(org)) continue
      const next = takeTimely(queue)
      if (!next) {
        this.#queues.delete(org)
        continue
      }
      const worker = this.#isKeptBack(next.job) ? null : this.#free(org)
      if (!worker) {
        queue.unshift(next)
        continue
      }
      // An org that had a turn waits behind the other orgs for the next one.
      this.#queues.delete(org)
      if (queue.length > 0) this.#queues.set(org, queue)
      void this.#do(next, worker)
    }
  }

  async #do({ job, settle }: Waiting, worker: PoolWorker): Promise<void> {
    const { org } = job
    this.#held.set(org, { worker, isLong: this.#isLong(job) })
    this.#lastOf.set(org, worker)
    const outcome = await worker.run(job)
    if (isSlow(outcome, job)) this.#slowUntil.set(org, performance.now() + SLOW_FOR_MS)
    if (outcome.outcome === 'ended' && worker.isOver)
      this.#log.warn({ org, tool: job.tool, why: outcome.why }, 'job ended')
    settle(outcome)
    if (worker.isOver) await worker.exited
    this.#held.delete(org)
    this.#deal()
  }

  /** Whether a job must wait because the last worker is reserved for short jobs. */
  #isKeptBack(job: Job): boolean {
    const long = [...this.#held.values()].filter(({ isLong }) => isLong).length
    return this.#isLong(job) && long >= Math.max(1, this.#size - 1)
  }

  #isLong({ org, limitMs }: Job): boolean {
    return limitMs > LONG_MS || this.#wasSlow(org)
  }

  #wasSlow(org: OrgId): boolean {
    const until = this.#slowUntil.get(org)
    if (until === undefined) return false
    if (until > performance.now()) return true
    this.#slowUntil.delete(org)
    return false
  }

  /** An idle worker: the one that the org used last, else any, else a new one if there is room; null if there is none. */
  #free(org: OrgId): PoolWorker | null {
    const held = new Set([...this.#held.values()].map(({ worker }) => worker))
    const idle = [...this.#workers].filter(worker => !worker.isOver && !held.has(worker))
    const last = this.#lastOf.get(org)
    if (last && idle.includes(last)) return last
    return idle[0] ?? (this.#workers.size < this.#size ? this.#begin() : null)
  }

  #begin(): PoolWorker {
    const worker = new PoolWorker(join(packageRoot(), 'dist', 'plugin', 'worker-process', 'worker-entry.js'))
    this.#workers.add(worker)
    void worker.ready.then(isReady => {
      const { count, since } = this.#lost
      this.#lost = isReady || this.#isClosed ? NONE_LOST : { count: count + 1, since: since || Date.now() }
    })
    void worker.exited.then(() => {
      this.#workers.delete(worker)
      for (const [org, last] of this.#lastOf) if (last === worker) this.#lastOf.delete(org)
      this.#deal()
    })
    return worker
  }
}

/** The first waiting job that has not waited too long. A job that has is settled as crowded. */
function takeTimely(queue: Waiting[]): Waiting | null {
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (performance.now() - next.sinceAt <= next.job.patienceMs) return next
    next.settle(CROWDED)
  }
  return null
}
