/** The minimum interval between two reports of when a connection was last heard. */
const TELL_EACH_MS = 1_000

/** Reports that something was heard, and when, but not each time. */
export function createHearing(now: () => number, tell: (at: number) => void): () => void {
  let toldAt: number | null = null
  return () => {
    const at = now()
    // Math.abs: the clock may have been set forward or back in the meantime.
    if (toldAt !== null && Math.abs(at - toldAt) < TELL_EACH_MS) return
    toldAt = at
    tell(at)
  }
}
