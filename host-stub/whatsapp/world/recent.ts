/** At most this many entries, and at most this many bytes of them. */
export interface RecentLimits {
  entries: number
  bytes: number
}

/** Keeps the newest entries, by key. The newest one is kept however big it is. */
export class Recent<Key, Value> {
  readonly #limits: RecentLimits
  readonly #entries = new Map<Key, { value: Value; bytes: number }>()
  #bytes = 0

  constructor(limits: RecentLimits) {
    this.#limits = limits
  }

  has(key: Key): boolean {
    return this.#entries.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)?.value
  }

  /** Oldest first. */
  values(): Value[] {
    return [...this.#entries.values()].map(({ value }) => value)
  }

  /** Adds an entry; one that is kept already stays as it is. */
  add(key: Key, value: Value, bytes: number): void {
    if (this.#entries.has(key)) return
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
    for (const [oldest, entry] of this.#entries) {
      if (this.#isWithinLimits()) return
      this.#entries.delete(oldest)
      this.#bytes -= entry.bytes
    }
  }

  #isWithinLimits(): boolean {
    const { size } = this.#entries
    return size <= 1 || (size <= this.#limits.entries && this.#bytes <= this.#limits.bytes)
  }
}
