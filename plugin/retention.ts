import { setImmediate } from 'node:timers/promises'

import { asChannelError } from './contract/errors.ts'
import type { Log } from './contract/host.ts'
import { DAY_MS, HOUR_MS } from './pacing.ts'
import { Pump } from './pump.ts'
import type { Connection } from './store/connection.ts'
import type { Store } from './store/database.ts'
import { KEY_KEPT_MS, dropKeys } from './store/idempotency-keys.ts'
import { dropChanges, listChangedOrgs } from './store/send-changes.ts'

/** Whoever watches sends and was away for longer goes on with what is left. */
const CHANGES_KEPT_MS = 30 * DAY_MS
/** So few at a time that nobody waits for the store. */
const ROWS_AT_A_TIME = 500

/** Forgets what nobody can ask for any more, at the start and every hour, in steps that let everything else go between. */
export class Retention {
  readonly #store: Store
  readonly #log: Log
  readonly #pump = new Pump(() => this.#work())
  #alarm: NodeJS.Timeout | null = null
  #closed = false

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** Resolves when everything that is too old by now is forgotten. */
  prune(): Promise<void> {
    return this.#pump.wake()
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#alarm) clearTimeout(this.#alarm)
    await this.#pump.close()
  }

  async #work(): Promise<void> {
    if (this.#alarm) clearTimeout(this.#alarm)
    try {
      const now = Date.now()
      const changes = { before: now - CHANGES_KEPT_MS, most: ROWS_AT_A_TIME }
      for (const org of await listChangedOrgs(this.#store.connection))
        await this.#inSteps(transaction => dropChanges(transaction, org, changes))
      const keys = { before: now - KEY_KEPT_MS, most: ROWS_AT_A_TIME }
      await this.#inSteps(transaction => dropKeys(transaction, keys))
    } catch (error) {
      this.#log.error({ code: asChannelError(error).code }, 'nothing forgotten')
    }
    if (!this.#closed) this.#alarm = setTimeout(() => void this.prune(), HOUR_MS)
  }

  /** Until `drop` finds nothing that is too old. */
  async #inSteps(drop: (transaction: Connection) => Promise<number>): Promise<void> {
    for (let dropped = 1; dropped > 0 && !this.#closed;) {
      dropped = await this.#store.transaction(drop)
      await setImmediate()
    }
  }
}
