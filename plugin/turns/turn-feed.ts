import { Watchable } from '../base/watchable.ts'
import type { OrgId } from '../contract/ids.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import type { ListedTurn } from '../contract/turn.ts'
import type { TurnKey } from '../store/sql/turn-changes.ts'
import type { Store } from '../store/database.ts'
import { findTurn } from '../store/turns/turn-queries.ts'

/** A watcher of an org's turns: the ids of turns that have changed since the watcher read them, and a signal that some have. */
type Watcher = { readonly changed: Set<string>; readonly bell: Watchable<null> }

/**
 * Tells watchers of turns that change after they start watching. A watcher is only told that a turn has changed, and reads the turn
 * when it is ready. A slow watcher skips states of a turn, but never the newest.
 */
export class TurnFeed {
  readonly #store: Store
  readonly #watchers = new Map<OrgId, Set<Watcher>>()
  readonly #shares: Pick<EventLoopShares, 'next'>
  #ended = false

  constructor(store: Store, shares: Pick<EventLoopShares, 'next'>) {
    this.#store = store
    this.#shares = shares
    store.onTurnsChanged(turns => this.#changed(turns))
  }

  async *watch(org: OrgId, signal: AbortSignal): AsyncGenerator<ListedTurn, void, undefined> {
    const watcher: Watcher = { changed: new Set(), bell: new Watchable<null>(null) }
    if (this.#ended) watcher.bell.end()
    const watchers = this.#watchers.get(org) ?? new Set()
    this.#watchers.set(org, watchers.add(watcher))
    try {
      for await (const _ of watcher.bell.watch(signal)) yield* this.#read(org, watcher, signal)
    } finally {
      watchers.delete(watcher)
      if (watchers.size === 0) this.#watchers.delete(org)
    }
  }

  /** Ends every watcher. */
  end(): void {
    this.#ended = true
    for (const watchers of this.#watchers.values()) for (const { bell } of watchers) bell.end()
  }

  async *#read(org: OrgId, { changed }: Watcher, signal: AbortSignal): AsyncGenerator<ListedTurn, void, undefined> {
    for (const id of changed) {
      if (signal.aborted || this.#ended) return
      // Removed before the read, so that a later change causes another read.
      changed.delete(id)
      // All watchers are told at the same moment, so they take turns.
      await this.#shares.next(org, 'calls')
      if (signal.aborted || this.#ended) return
      const turn = await findTurn(this.#store.connection, org, id)
      if (turn) yield turn
    }
  }

  #changed(turns: readonly TurnKey[]): void {
    for (const { org, id } of turns)
      for (const { changed, bell } of this.#watchers.get(org) ?? []) {
        changed.add(id)
        bell.publish(null)
      }
  }
}
