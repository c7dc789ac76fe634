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

/** What admitting needs. */
export type PageIngestParts = IngestParts & {
  readonly store: Store
  /** How far accounts have caught up with what waited for them. */
  readonly catchingUp: BacklogWait
  /** Searches long texts, while nothing waits for that but what is admitted. */
  readonly searching: Pick<SearchAhead, 'search'>
  readonly shares: Pick<EventLoopShares, 'next'>
}

/** Bindings may change for ever while texts are searched: what is not known after so many tries is taken for too slow. */
const MOST_TRIES = 100
/** A transaction takes in no more once it has lasted so long: everybody else waits until it is over. */
const ENOUGH_MS = 50

/** Things that are taken in one after the other, as many in one transaction as need nothing to be searched first and take no longer than they may. */
export type Sequence<Each> = {
  readonly all: readonly Each[]
  /** Whether they may be taken in still. */
  readonly isOpen: (transaction: Connection) => Promise<boolean>
  readonly take: (admission: Ingest, transaction: Connection, each: Each) => Promise<void>
  /** Those were taken, in this transaction; `isAll`: none is left. */
  readonly taken: (transaction: Connection, those: readonly Each[], isAll: boolean) => Promise<void>
  readonly onCommitted: (admitted: PageResult) => void
}

/**
 * Takes what comes in into the store. What its texts have to be searched for is searched between transactions, and what needed it is
 * tried again: until then nothing of it is written, so that a crash only repeats the search.
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

  /** Waits for no search any more. */
  close(): void {
    this.#stop()
  }

  /** Does all of something in one transaction. */
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

  /** Takes things in, in their order; whether all of them. */
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

  /** Takes in those that need nothing to be searched, up to `to`; null: they may not be taken in. */
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

/** Does all of something, or, when it throws, nothing of it; then nothing else is to be taken in that transaction. */
async function whole({ admitted }: Ingest, transaction: Connection, work: () => Promise<void>): Promise<void> {
  const rewind = rewinding(admitted)
  try {
    await allOrNothing(transaction, work)
  } catch (error) {
    rewind()
    throw error
  }
}
