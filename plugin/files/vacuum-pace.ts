/** Larger files are not rewritten automatically: each MiB takes 6 to 12 ms, during which nobody is answered. */
const LARGEST_BYTES = 64 * 2 ** 20
const LEAST_PAUSE_MS = 60_000
/** Rewriting takes at most a thousandth of the time. */
const PAUSE_FOR_EACH_MS = 1_000

/**
 * Decides how often a SQLite file is rewritten. Deleted data is overwritten in place, but a copy that was left behind when rows
 * moved from page to page is only removed by a `VACUUM`.
 */
export class RewritePace {
  readonly #elapsed: () => number
  #mayAt = Number.NEGATIVE_INFINITY

  /** `elapsed`: a monotonic clock, in ms. */
  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed
  }

  /** In how many ms the file may be rewritten; 0 for now, null if never automatically. */
  wait(sizeBytes: number): number | null {
    if (sizeBytes > LARGEST_BYTES) return null
    return Math.max(0, this.#mayAt - this.#elapsed())
  }

  /** The file was rewritten, which took this long. */
  took(ms: number): void {
    this.#mayAt = this.#elapsed() + Math.max(LEAST_PAUSE_MS, PAUSE_FOR_EACH_MS * ms)
  }
}
