/**
 * Runs work under keys. Work with the same key runs sequentially, in the order of the calls; exclusive work runs while nothing
 * else runs.
 */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>()
  #exclusive: Promise<void> = Promise.resolve()

  /** Runs `work` after all earlier work under the same key. */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const running = Promise.all([this.#exclusive, this.#tails.get(key)]).then(work)
    const tail = settled(running)
    this.#tails.set(key, tail)
    void tail.then(() => this.#tails.get(key) === tail && this.#tails.delete(key))
    return running
  }

  /** Runs `work` after all earlier work, and before all later work, whatever its key. */
  async runExclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    const running = Promise.all([this.#exclusive, ...this.#tails.values()]).then(work)
    this.#exclusive = settled(running)
    return running
  }
}

function settled(promise: Promise<unknown>): Promise<void> {
  return promise.then(
    () => undefined,
    () => undefined,
  )
}
