import { join } from 'node:path'
import { availableParallelism } from 'node:os'

import type { Log } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import { packageRoot } from '../files/package-root.ts'
import { PoolWorker } from './pool-worker.ts'
import type { Outcome, Work, Workshop } from './work.ts'

const SLOW_FOR_MS = 3_600_000
/** How much of its limit makes work slow. */
const SLOW_PART = 4
/** How much work of one org may wait. */
const MOST_WAITING = 256
const FEWEST_WORKERS = 3
const MOST_WORKERS = 4
/** What may take longer than this is never given the last worker. */
const LONG_MS = 250

type Waiting = { readonly work: Work; readonly sinceAt: number; readonly settle: (outcome: Outcome) => void }

/** So many that go before they take work are no accident. */
const LOST_MOST = 3
const NONE_LOST = { count: 0, since: 0 }

const CROWDED: Outcome = { outcome: 'ended', why: 'crowded' }
const CLOSED: Outcome = { outcome: 'ended', why: 'closed' }

const isSlow = (outcome: Outcome, { limitMs }: Work): boolean =>
  outcome.outcome === 'answered'
    ? outcome.tookMs > limitMs / SLOW_PART
    : outcome.why === 'time' || outcome.why === 'memory'

/**
 * Workers that do what tenants' texts make. They begin when they are first needed; orgs take turns, one piece of work each; an
 * org holds one worker at most. One is left free by what may take long and by orgs that were slow within the last hour, for all
 * others.
 */
export class WorkerPool implements Workshop {
  readonly #log: Log
  readonly #size: number
  readonly #workers = new Set<PoolWorker>()
  /** The orgs in the order in which they take turns. */
  readonly #queues = new Map<OrgId, Waiting[]>()
  /** By whom workers are held, and whether for long. */
  readonly #held = new Map<OrgId, { readonly worker: PoolWorker; readonly isLong: boolean }>()
  /** Which worker an org had last: it may know what it needs. */
  readonly #lastOf = new Map<OrgId, PoolWorker>()
  readonly #slowUntil = new Map<OrgId, number>()
  #isClosed = false
  /** How many in a row went before they took work, and since when. */
  #lost: { readonly count: number; readonly since: number } = NONE_LOST

  constructor(log: Log, size = Math.min(MOST_WORKERS, Math.max(FEWEST_WORKERS, availableParallelism()))) {
    this.#log = log
    this.#size = size
  }

  /** Does work as soon as a worker may. Never throws. */
  run(work: Work): Promise<Outcome> {
    if (this.#isClosed) return Promise.resolve(CLOSED)
    const queue = this.#queues.get(work.org) ?? []
    if (queue.length >= MOST_WAITING) return Promise.resolve(CROWDED)
    return new Promise(settle => {
      queue.push({ work, sinceAt: performance.now(), settle })
      this.#queues.set(work.org, queue)
      this.#deal()
    })
  }

  /** Since when no worker can be begun, in ms UTC; null while they can, for all that is known. Asking tries once more. */
  downSince(): number | null {
    if (this.#lost.count < LOST_MOST) return null
    if (this.#workers.size === 0 && !this.#isClosed) this.#begin()
    return this.#lost.since
  }

  /** Ends all workers. What waits or is being done has no answer. */
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
      const worker = this.#isKeptBack(next.work) ? null : this.#free(org)
      if (!worker) {
        queue.unshift(next)
        continue
      }
      // An org that had a turn waits behind the others for the next.
      this.#queues.delete(org)
      if (queue.length > 0) this.#queues.set(org, queue)
      void this.#do(next, worker)
    }
  }

  async #do({ work, settle }: Waiting, worker: PoolWorker): Promise<void> {
    const { org } = work
    this.#held.set(org, { worker, isLong: this.#isLong(work) })
    this.#lastOf.set(org, worker)
    const outcome = await worker.run(work)
    if (isSlow(outcome, work)) this.#slowUntil.set(org, performance.now() + SLOW_FOR_MS)
    if (outcome.outcome === 'ended' && worker.isOver)
      this.#log.warn({ org, tool: work.tool, why: outcome.why }, 'work ended')
    settle(outcome)
    if (worker.isOver) await worker.exited
    this.#held.delete(org)
    this.#deal()
  }

  /** Whether work has to wait because the last worker is for what is short. */
  #isKeptBack(work: Work): boolean {
    const long = [...this.#held.values()].filter(({ isLong }) => isLong).length
    return this.#isLong(work) && long >= Math.max(1, this.#size - 1)
  }

  #isLong({ org, limitMs }: Work): boolean {
    return limitMs > LONG_MS || this.#wasSlow(org)
  }

  #wasSlow(org: OrgId): boolean {
    const until = this.#slowUntil.get(org)
    if (until === undefined) return false
    if (until > performance.now()) return true
    this.#slowUntil.delete(org)
    return false
  }

  /** A worker that does nothing: the one that the org had last, else any, else a new one where there is room. */
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

/** The first that has not waited for longer than it may; what has is told so. */
function takeTimely(queue: Waiting[]): Waiting | null {
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (performance.now() - next.sinceAt <= next.work.patienceMs) return next
    next.settle(CROWDED)
  }
  return null
}
