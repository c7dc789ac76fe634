/**
 * A value that changes, with watchers. A watcher gets the current value and then each change; a slow one skips to the newest, so
 * that nothing is ever buffered for it.
 */
export class Watchable<Value> {
  #value: Value
  #version = 0
  #ended = false
  #watchers = 0
  readonly #waiting = new Set<() => void>()

  constructor(value: Value) {
    this.#value = value
  }

  get value(): Value {
    return this.#value
  }

  get isWatched(): boolean {
    return this.#watchers > 0
  }

  publish(value: Value): void {
    this.#value = value
    this.#version += 1
    this.#wake()
  }

  /** Ends every watcher after it has seen the current value. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Value, void, undefined> {
    this.#watchers += 1
    try {
      for (let seen = -1; !signal.aborted;) {
        if (seen !== this.#version) {
          seen = this.#version
          yield this.#value
        } else if (this.#ended) return
        else await this.#change(signal)
      }
    } finally {
      this.#watchers -= 1
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      signal.addEventListener('abort', wake)
      this.#waiting.add(wake)
    })
  }
}
