import { Watchable } from './watchable.ts'
import type { OrgId } from '../contract/ids.ts'
import type { EventLoopShares } from './event-loop-shares.ts'

const PAGE = 100

/** Where a trail is read from: its last number, and what stands after a number, in order. */
export type FeedSource<Entry> = {
  last(org: OrgId): Promise<number>
  page(org: OrgId, after: number, limit: number): Promise<Entry[]>
}

/**
 * What happens in each org, numbered and stored. Watchers are only told that there is more, and read it from the store: a
 * slow one costs no memory, and one that was away goes on where it was.
 */
export class ChangeFeed<Entry extends { readonly seq: number }> {
  readonly #source: FeedSource<Entry>
  readonly #shares: Pick<EventLoopShares, 'next'>
  readonly #bells = new Map<OrgId, Watchable<null>>()
  #ended = false

  constructor(source: FeedSource<Entry>, shares: Pick<EventLoopShares, 'next'>) {
    this.#source = source
    this.#shares = shares
  }

  /** There may be more in this org. */
  wake(org: OrgId): void {
    this.#bells.get(org)?.publish(null)
  }

  /** Every entry after a number, each once, in order; with null those from now on. */
  watch(org: OrgId, after: number | null, signal: AbortSignal): AsyncIterable<Entry> {
    // Asked now, not when it is first read: "from now on" begins with the call.
    const from = after === null ? this.#source.last(org) : Promise.resolve(after)
    from.catch(() => undefined)
    return this.#follow(org, from, signal)
  }

  /** Ends every watcher. */
  end(): void {
    this.#ended = true
    for (const bell of this.#bells.values()) bell.end()
  }

  async *#follow(org: OrgId, from: Promise<number>, signal: AbortSignal): AsyncGenerator<Entry, void, undefined> {
    const bell = this.#bell(org)
    let seen = await from
    for await (const _ of bell.watch(signal)) {
      for (let page = await this.#page(org, seen); page.length > 0; page = await this.#page(org, seen)) {
        for (const entry of page) {
          if (signal.aborted) return
          seen = entry.seq
          yield entry
        }
      }
    }
  }

  async #page(org: OrgId, after: number): Promise<Entry[]> {
    // All who watch are told of the same at once.
    await this.#shares.next(org, 'calls')
    return this.#ended ? [] : this.#source.page(org, after, PAGE)
  }

  #bell(org: OrgId): Watchable<null> {
    const known = this.#bells.get(org)
    if (known) return known
    const bell = new Watchable<null>(null)
    if (this.#ended) bell.end()
    this.#bells.set(org, bell)
    return bell
  }
}
