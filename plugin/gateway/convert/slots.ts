type Waiting = { readonly owner: string; readonly begin: () => void }

/**
 * Runs a limited number of works at a time, one per owner, and takes the owners in turn: nobody waits for everything that another
 * owner has queued.
 */
export class Slots {
  readonly #most: number
  readonly #waiting: Waiting[] = []
  readonly #busy = new Set<string>()
  /** When each owner's work was last started, by a count of all. */
  readonly #taken = new Map<string, number>()
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  async run<Result>(owner: string, work: () => Promise<Result>): Promise<Result> {
    await new Promise<void>(begin => {
      this.#waiting.push({ owner, begin })
      this.#next()
    })
    try {
      return await work()
    } finally {
      this.#busy.delete(owner)
      this.#next()
    }
  }

  #next(): void {
    if (this.#busy.size >= this.#most) return
    const takenAt = ({ owner }: Waiting): number => this.#taken.get(owner) ?? 0
    const [next] = this.#waiting
      .filter(({ owner }) => !this.#busy.has(owner))
      .toSorted((one, other) => takenAt(one) - takenAt(other))
    if (!next) return
    this.#waiting.splice(this.#waiting.indexOf(next), 1)
    this.#busy.add(next.owner)
    this.#taken.set(next.owner, (this.#count += 1))
    next.begin()
  }
}
