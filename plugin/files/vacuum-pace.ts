/** A file that is larger is not rewritten by itself: a MiB takes 6 to 12 ms, in which nobody is answered. */
const LARGEST_BYTES = 64 * 2 ** 20
const LEAST_PAUSE_MS = 60_000
/** Rewriting takes a thousandth of the time at most. */
const PAUSE_FOR_EACH_MS = 1_000

/**
 * How often a SQLite file is rewritten. What is deleted there is overwritten where it stood, but a copy that was left behind when
 * rows moved from page to page goes with a `VACUUM` alone.
 */
export class RewritePace {
  readonly #elapsed: () => number
  #mayAt = Number.NEGATIVE_INFINITY

  /** `elapsed`: a clock that nobody sets, in ms. */
  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed
  }

  /** In how many ms it may be rewritten, 0: now; null: never by itself. */
  wait(sizeBytes: number): number | null {
    if (sizeBytes > LARGEST_BYTES) return null
    return Math.max(0, this.#mayAt - this.#elapsed())
  }

  /** It was rewritten, which took so long. */
  took(ms: number): void {
    this.#mayAt = this.#elapsed() + Math.max(LEAST_PAUSE_MS, PAUSE_FOR_EACH_MS * ms)
  }
}
