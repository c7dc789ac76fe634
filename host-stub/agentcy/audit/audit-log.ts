import { join } from 'node:path'
import { setImmediate as nextRound } from 'node:timers/promises'

import type { Audit, NewAuditEntry } from '../../../plugin/contract/audit.ts'
import type { Log } from '../../../plugin/contract/host.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'
import type { Environment } from '../host.ts'
import { newRow, type AuditEntry, type NewEntryRow } from './audit-entry.ts'
import type { AuditQuestion } from './audit-filters.ts'
import { keptMsFrom, removeOldEntries } from './audit-retention.ts'
import { openAuditStore, type AuditStore } from './audit-store.ts'

/** What the log is opened with. */
export type AuditLogParts = {
  readonly home: string
  readonly environment: Environment
  readonly log: Log
  /** The clock, ms UTC. */
  readonly now?: () => number
}

const HOUR_MS = 3_600_000
/** How many entries a search reads before it yields to other work. */
const ENTRIES_AT_A_TIME = 500
/** How many entries are read ahead for a stream reader, who may be too slow to receive them. */
const ENTRIES_HELD = 50

type Waiting = {
  readonly row: NewEntryRow
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The audit log of a host, in `audit.db` below its home. All entries that arrive in one turn of the event loop are stored by one
 * commit.
 */
export class AuditLog implements Audit {
  readonly #store: AuditStore
  readonly #log: Log
  readonly #now: () => number
  readonly #keptMs: number
  readonly #closed = new AbortController()
  readonly #hourly: NodeJS.Timeout
  readonly #rounds = new Map<OrgId, Promise<void>>()
  #waiting: Waiting[] = []
  #readers = new Set<() => void>()

  /** @throws StartRefused with a sentence for a person. */
  constructor({ home, environment, log, now = Date.now }: AuditLogParts) {
    this.#keptMs = keptMsFrom(environment)
    this.#store = openAuditStore(join(home, 'audit.db'))
    this.#log = log
    this.#now = now
    this.#hourly = setInterval(() => void this.removeOld(), HOUR_MS)
    this.#hourly.unref()
    void this.removeOld()
  }

  append(org: OrgId, entry: NewAuditEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed.signal.aborted) throw new Error('the audit log is closed')
      const row = newRow(org, entry, this.#now())
      if (this.#waiting.length === 0) setImmediate(() => this.#commit())
      this.#waiting.push({ row, resolve, reject })
    })
  }

  /** The last number assigned in an org; 0 if there is none. */
  lastSeq(org: OrgId): number {
    return this.#store.lastSeq(org)
  }

  find(org: OrgId, id: string): AuditEntry | null {
    return this.#store.find(org, id)
  }

  /** The entries after a number, in order; at most {@link ENTRIES_HELD}. */
  after(org: OrgId, seq: number): AuditEntry[] {
    return this.#store.after(org, seq, ENTRIES_HELD)
  }

  /** The requested entries with a lower number than `below`, newest first, in pages, some of which may be empty. */
  async *search(org: OrgId, { filters, limit }: AuditQuestion, below: number): AsyncGenerator<AuditEntry[]> {
    let missing = limit ?? Number.POSITIVE_INFINITY
    const oldest = this.#store.firstSeq(org) ?? below
    for (let end = below; end > oldest && missing > 0; end -= ENTRIES_AT_A_TIME) {
      await this.#round(org)
      if (this.#closed.signal.aborted) return
      const stretch = { from: end - ENTRIES_AT_A_TIME, below: end, limit: Math.min(missing, ENTRIES_AT_A_TIME) }
      const entries = this.#store.between(org, { ...stretch, filters })
      missing -= entries.length
      yield entries
    }
  }

  /** Yields to other work. However many searches an org runs, only one of them continues in each round of the event loop. */
  #round(org: OrgId): Promise<void> {
    const next = (this.#rounds.get(org) ?? Promise.resolve()).then(() => nextRound())
    this.#rounds.set(org, next)
    return next
  }

  /** Resolves when there is an entry after `seq`, after `withinMs`, or when `signal` is aborted. */
  grown(org: OrgId, seq: number, until: { readonly withinMs: number; readonly signal: AbortSignal }): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        until.signal.removeEventListener('abort', done)
        this.#readers.delete(look)
        resolve()
      }
      const look = (): void => {
        if (this.#store.lastSeq(org) > seq) done()
      }
      const timer = setTimeout(done, until.withinMs)
      until.signal.addEventListener('abort', done)
      this.#readers.add(look)
      if (until.signal.aborted) done()
      else look()
    })
  }

  /** Deletes entries that are older than the retention period. Runs at the start and every hour. */
  async removeOld(): Promise<void> {
    try {
      await removeOldEntries(this.#store, this.#now() - this.#keptMs, this.#closed.signal)
    } catch (error) {
      this.#failed('audit.removing_failed', error)
    }
  }

  /** Stores the waiting entries and rejects new ones. Idempotent. */
  close(): void {
    if (this.#closed.signal.aborted) return
    clearInterval(this.#hourly)
    this.#commit()
    this.#closed.abort()
    this.#store.close()
  }

  #commit(): void {
    const waiting = this.#waiting.splice(0)
    if (waiting.length === 0) return
    try {
      const refusals = this.#store.append(waiting.map(({ row }) => row))
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const refusal = refusals[index]
        if (refusal) reject(refusal)
        else resolve()
      }
    } catch (error) {
      this.#failed('audit.append_failed', error)
      for (const { reject } of waiting) reject(error)
    }
    for (const look of this.#readers) look()
  }

  /** Logs only the name and code of the error, because its message may contain audit data. */
  #failed(event: string, error: unknown): void {
    const { code, name } = error as NodeJS.ErrnoException
    this.#log.error({ error: name, code }, event)
  }
}
