/** Does its work when woken: never twice at a time, and once more when it was woken in the meantime. */
export class WakeLoop {
  readonly #work: () => Promise<void>
  #running: Promise<void> | null = null
  #again = false
  #closed = false

  /** `work` deals with its own failures. */
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

  /** Begins nothing more and waits for what is under way. */
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
