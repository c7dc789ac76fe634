import type { BackendState } from './backend-state.ts'
import { isOverQuota } from '../contract/artifact.ts'
import type { Artifacts } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import { withTimeLimit } from '../base/time-limit.ts'

const ASK_EACH_MS = 30_000
/** How long the host may take to report whether files can be stored, in ms. */
const ANSWER_MS = 10_000

/**
 * Watches whether the host's artifacts can be stored and read: by the host's own report, or, without one, by the result of the last
 * call.
 */
export class ArtifactWatch {
  readonly #artifacts: Artifacts
  readonly #state: BackendState
  /** When the host was last asked; null if never, or if something has failed since. */
  #askedAt: number | null = null
  #isAsking = false
  #stop: () => void = () => undefined
  readonly #closed = new Promise<void>(resolve => (this.#stop = resolve))

  constructor(artifacts: Artifacts, state: BackendState) {
    this.#artifacts = artifacts
    this.#state = state
  }

  /** The same artifacts, with each result recorded. */
  get observed(): Artifacts {
    const artifacts = this.#artifacts
    return {
      put: (org, content, file) => this.#noted(org, artifacts.put(org, content, file)),
      find: (org, id) => this.#noted(org, artifacts.find(org, id)),
      open: (org, id, range) => this.#noted(org, artifacts.open(org, id, range)),
      ...(artifacts.forget && {
        forget: (org: OrgId, source: string) => this.#noted(org, artifacts.forget?.(org, source) ?? Promise.resolve()),
      }),
      ...(artifacts.room && { room: artifacts.room.bind(artifacts) }),
      ...(artifacts.reach && { reach: artifacts.reach.bind(artifacts) }),
    }
  }

  /**
   * Asks the host if it is time to, or if something has failed. The answer is recorded later, because the host may not answer at
   * all.
   */
  look(now: number): void {
    const isDue = this.#askedAt === null || Math.abs(now - this.#askedAt) >= ASK_EACH_MS || this.#state.isFailing
    if (!this.#artifacts.reach || this.#isAsking || !isDue) return
    this.#askedAt = now
    void this.#ask(this.#artifacts.reach.bind(this.#artifacts))
  }

  /** Stops waiting for answers. */
  close(): void {
    this.#stop()
  }

  async #ask(reach: () => Promise<void>): Promise<void> {
    this.#isAsking = true
    try {
      await withTimeLimit(ANSWER_MS, Promise.race([reach(), this.#closed]))
      this.#state.worked(null)
    } catch (error) {
      this.#state.failed(null, error)
    } finally {
      this.#isAsking = false
    }
  }

  async #noted<Result>(org: OrgId, work: Promise<Result>): Promise<Result> {
    try {
      const result = await work
      this.#state.worked(org)
      return result
    } catch (error) {
      // The file may have been the cause, so the host is asked.
      if (this.#artifacts.reach) this.#askedAt = null
      else if (!isOverQuota(error)) this.#state.failed(org, error)
      throw error
    }
  }
}
