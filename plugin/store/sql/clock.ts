import os from 'node:os'

import type { Connection } from './connection.ts'
import { moveInstants, newestInstant } from './instants.ts'

type Transact = (work: (transaction: Connection) => Promise<void>) => Promise<void>

/** A smaller difference may be the gradual correction of an inaccurate clock. */
const TOLERANCE_MS = 30_000

/** The machine's start time. The uptime cannot be set, and it continues while the machine sleeps. */
const startedAt = (): number => Date.now() - os.uptime() * 1_000

/**
 * Detects that the machine's clock was set, and moves all stored times by the same amount: nothing that waits expires earlier or is
 * sent later because of it, and past events stay as long ago as they were.
 */
export class StoreClock {
  readonly #transact: Transact
  #startedAt = startedAt()
  #moving: Promise<void> = Promise.resolve()
  #moves = 0

  constructor(transact: Transact) {
    this.#transact = transact
  }

  /** Corrects stored times if the clock was set back since the last process. A clock set forward looks like time that passed. */
  async open(): Promise<void> {
    const to = Date.now()
    await this.#transact(async transaction => {
      const from = await newestInstant(transaction)
      if (from !== null && from - to > TOLERANCE_MS) await moveInstants(transaction, { from, to })
    })
  }

  /** Await this before any decision based on a stored time. Returns how often the stored times were moved so far. */
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
