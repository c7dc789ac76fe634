import { errorFields } from '../contract/errors/error-fields.ts'
import type { Log } from '../contract/host.ts'
import type { Problem } from '../contract/problem.ts'
import type { Problems } from './problems.ts'
import { Repeat } from '../base/repeat.ts'

const LOOK_EACH_MS = 5_000

/** A source of problems: returns those that exist at an instant in ms UTC. */
export type ProblemSource = (now: number) => readonly Problem[] | Promise<readonly Problem[]>

/** What the watch checks. */
export type HealthWatchParts = {
  readonly problems: Problems
  readonly sources: readonly ProblemSource[]
  readonly log: Log
}

/**
 * Checks for problems every few seconds. A source that fails counts as having found nothing, and does not hide what others found.
 */
export class HealthWatch {
  readonly #parts: HealthWatchParts
  readonly #looks = new Repeat(LOOK_EACH_MS, () => this.#look())

  constructor(parts: HealthWatchParts) {
    this.#parts = parts
  }

  /** Resolves when a check that starts now or later is done. */
  look(): Promise<void> {
    return this.#looks.now()
  }

  close(): Promise<void> {
    return this.#looks.close()
  }

  async #look(): Promise<void> {
    const { problems, sources, log } = this.#parts
    const now = Date.now()
    const found = await Promise.all(
      sources.map(async source => {
        try {
          return await source(now)
        } catch (error) {
          log.warn(errorFields(error), 'not looked for problems')
          return []
        }
      }),
    )
    if (!this.#looks.isClosed) problems.take(found.flat())
  }
}
