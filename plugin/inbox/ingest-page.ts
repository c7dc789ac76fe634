import { rewinding, type PageResult } from './page-result.ts'
import { Ingest, type IngestParts } from './ingest.ts'
import type { BacklogWait } from '../accounts/backlog-wait.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import type { AccountKey } from '../contract/ids.ts'
import { Findings, wantedFor, type Wanted } from '../patterns/findings.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import type { SearchAhead } from '../patterns/search-ahead.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { Store } from '../store/database.ts'
import { allOrNothing } from '../store/sql/savepoint.ts'

/** What taking pages in needs. */
export type PageIngestParts = IngestParts & {
  readonly store: Store
  /** How far accounts have caught up with their backlogs. */
  readonly catchingUp: BacklogWait
  /** Searches long texts outside of a transaction. Only the intake of these messages waits for it. */
  readonly searching: Pick<SearchAhead, 'search'>
  readonly shares: Pick<EventLoopShares, 'next'>
}

/** Bindings may keep changing while texts are searched. After this many tries, patterns without a result count as too slow. */
const MOST_TRIES = 100
/** A transaction takes in no more entries once it has lasted this long, in ms, because everybody else waits until it is over. */
const ENOUGH_MS = 50

/** Items to take in one after the other. One transaction takes as many as need no search first and as fit into its time limit. */
export type Sequence<Each> = {
  readonly all: readonly Each[]
  /** Whether the items may still be taken in. */
  readonly isOpen: (transaction: Connection) => Promise<boolean>
  readonly take: (admission: Ingest, transaction: Connection, each: Each) => Promise<void>
  /** Called in the transaction that took in `those`; `isAll` if none are left. */
  readonly taken: (transaction: Connection, those: readonly Each[], isAll: boolean) => Promise<void>
  readonly onCommitted: (admitted: PageResult) => void
}

/**
 * Writes journal entries into the store. Searches of their texts run between transactions, and the entries that needed one are
 * tried again afterwards. Until then nothing of such an entry is written, so a crash only repeats the search.
 */
export class PageIngest {
  readonly #parts: PageIngestParts
  #stop: () => void = () => undefined
  readonly #stopped: Promise<never>

  constructor(parts: PageIngestParts) {
    this.#parts = parts
    this.#stopped = new Promise((_, reject) => {
      this.#stop = () => reject(new ChannelError('stopping'))
    })
    this.#stopped.catch(() => undefined)
  }

  /** Stops waiting for searches. */
  close(): void {
    this.#stop()
  }

  /** Does the whole of some work in one transaction. */
  async whole(
    key: AccountKey,
    work: (admission: Ingest, transaction: Connection) => Promise<void>,
  ): Promise<PageResult> {
    const findings = new Findings()
    for (let tries = 1; ; tries += 1) {
      findings.begin(tries >= MOST_TRIES)
      const done: PageResult[] = []
      const wanted = await wantedFor(async () => void done.push(await this.#once(key, findings, work)))
      const [admitted] = done
      if (admitted) return admitted
      await this.#search(key, wanted, findings)
    }
  }

  /** Takes items in, in their order. Returns whether all of them were taken in. */
  async inOrder<Each>(key: AccountKey, sequence: Sequence<Each>): Promise<boolean> {
    const findings = new Findings()
    for (let from = 0, tries = 1; ; tries += 1) {
      findings.begin(tries >= MOST_TRIES)
      await this.#parts.shares.next(key.org, 'messages')
      const { to, wanted, admitted } = await this.#some(key, { sequence, from, findings })
      if (to === null) return false
      const isAll = to === sequence.all.length
      if (to > from || isAll) sequence.onCommitted(admitted)
      if (isAll) return true
      if (to > from) tries = 0
      from = to
      if (wanted.length > 0) await this.#search(key, wanted, findings)
    }
  }

  /** Takes in the items up to `to`, which need no search. `to` is null if items may not be taken in. */
  async #some<Each>(
    key: AccountKey,
    { sequence, from, findings }: { sequence: Sequence<Each>; from: number; findings: Findings },
  ): Promise<{ to: number | null; wanted: readonly Wanted[]; admitted: PageResult }> {
    const { all, isOpen, take, taken } = sequence
    let to: number | null = null
    let wanted: readonly Wanted[] = []
    const admitted = await this.#once(key, findings, async (admission, transaction) => {
      if (!(await isOpen(transaction))) return
      const until = performance.now() + ENOUGH_MS
      let at = from
      for (; at < all.length && wanted.length === 0 && (at === from || performance.now() < until); at += 1) {
        const each = all[at] as Each
        wanted = await wantedFor(() => whole(admission, transaction, () => take(admission, transaction, each)))
      }
      to = wanted.length === 0 ? at : at - 1
      const isAll = to === all.length
      if (to > from || isAll) await taken(transaction, all.slice(from, to), isAll)
    })
    return { to, wanted, admitted }
  }

  #once(
    key: AccountKey,
    findings: Findings,
    work: (admission: Ingest, transaction: Connection) => Promise<void>,
  ): Promise<PageResult> {
    const { store, catchingUp } = this.#parts
    return store.transaction(async transaction => {
      const heldUntil = catchingUp.heldUntil.bind(catchingUp)
      const admission = new Ingest(transaction, key, { ...this.#parts, findings, heldUntil })
      await work(admission, transaction)
      return admission.admitted
    })
  }

  async #search({ org }: AccountKey, wanted: readonly Wanted[], findings: Findings): Promise<void> {
    await Promise.race([this.#parts.searching.search(org, wanted, findings), this.#stopped])
  }
}

/** Does all of some work, or none of it if it throws. After a throw the transaction must take nothing else in. */
async function whole({ admitted }: Ingest, transaction: Connection, work: () => Promise<void>): Promise<void> {
  const rewind = rewinding(admitted)
  try {
    await allOrNothing(transaction, work)
  } catch (error) {
    rewind()
    throw error
  }
}
