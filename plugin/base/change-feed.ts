import { Watchable } from './watchable.ts'
import type { OrgId } from '../contract/ids.ts'
import type { EventLoopShares } from './event-loop-shares.ts'

const PAGE = 100

/** Reads numbered entries: the last number, and the entries after a number, in order. */
export type FeedSource<Entry> = {
  last(org: OrgId): Promise<number>
  page(org: OrgId, after: number, limit: number): Promise<Entry[]>
}

/**
 * A feed of each org's numbered, stored entries. Watchers are only notified that there is more, and read it from the store: a
 * slow watcher costs no memory, and one that was away continues where it stopped.
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

  /** Notifies the org's watchers that there may be new entries. */
  wake(org: OrgId): void {
    this.#bells.get(org)?.publish(null)
  }

  /** Every entry after a number, each once, in order; with null only entries from now on. */
  watch(org: OrgId, after: number | null, signal: AbortSignal): AsyncIterable<Entry> {
    // Read now, not at the first iteration: "from now on" begins with the call.
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
    // All watchers are notified of the same entry at once.
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
