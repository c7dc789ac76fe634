import os from 'node:os'

import type { Connection } from './connection.ts'
import { moveInstants, newestInstant } from './instants.ts'

type Transact = (work: (transaction: Connection) => Promise<void>) => Promise<void>

/** What is less may be the slow correction of a clock that runs wrong. */
const TOLERANCE_MS = 30_000

/** Nobody sets the time since the machine was started, and it goes on while the machine sleeps. */
const startedAt = (): number => Date.now() - os.uptime() * 1_000

/**
 * Sees that this machine's clock was set, and moves what is stored with it: what waits runs out no sooner and goes no
 * later for that, and what has been stays as long ago as it was.
 */
export class StoreClock {
  readonly #transact: Transact
  #startedAt = startedAt()
  #moving: Promise<void> = Promise.resolve()
  #moves = 0

  constructor(transact: Transact) {
    this.#transact = transact
  }

  /** The clock may have been set back since the last process; one that was set forward cannot be told from time that passed. */
  async open(): Promise<void> {
    const to = Date.now()
    await this.#transact(async transaction => {
      const from = await newestInstant(transaction)
      if (from !== null && from - to > TOLERANCE_MS) await moveInstants(transaction, { from, to })
    })
  }

  /** To be awaited before anything is decided by an instant that is stored. How often they were moved so far. */
  async settle(): Promise<number> {
    const byMs = Math.round(startedAt() - this.#startedAt)
    if (Math.abs(byMs) > TOLERANCE_MS) {
      this.#startedAt += byMs
      this.#moving = this.#moving.then(() => this.#move(byMs))
    }
    await this.#moving
    return this.#moves
  }

  async #move(byMs: number): Promise<void> {
    const to = Date.now()
    try {
      await this.#transact(transaction => moveInstants(transaction, { from: to - byMs, to }))
      this.#moves += 1
    } catch (error) {
      // The next call tries again.
      this.#startedAt -= byMs
      this.#moving = Promise.resolve()
      throw error
    }
  }
}
