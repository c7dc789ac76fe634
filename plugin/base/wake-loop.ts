/** Runs its work when woken: never twice at a time, and once more if it was woken during a run. */
export class WakeLoop {
  readonly #work: () => Promise<void>
  #running: Promise<void> | null = null
  #again = false
  #closed = false

  /** `work` handles its own errors. */
  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** Resolves when work that began after this call has ended. */
  wake(): Promise<void> {
    if (this.#closed) return this.#running ?? Promise.resolve()
    this.#again = true
    this.#running ??= this.#run()
    return this.#running
  }

  /** Starts no more runs and waits for the current one. */
  async close(): Promise<void> {
    this.#closed = true
    this.#again = false
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false
        await this.#work()
      }
    } finally {
      this.#running = null
    }
  }
}
