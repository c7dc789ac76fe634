/** So long nothing at all of a file may move. */
export const IDLE_MS = 20_000
/** However slowly, a file has to move faster than this on the whole. */
const SLOWEST_BYTES_PER_S = 131_072
const START_MS = 30_000
const PROGRESS_BYTES = 2 ** 20

/** How long a file of that size may be on its way. */
export const withinMs = (sizeBytes: number): number => START_MS + Math.ceil((sizeBytes * 1_000) / SLOWEST_BYTES_PER_S)

/** Tells of every mebibyte, and no oftener. */
export function everyMebibyte(tell: (doneBytes: number) => void): (doneBytes: number) => void {
  let told = 0
  return doneBytes => {
    if (doneBytes - told < PROGRESS_BYTES) return
    told = doneBytes
    tell(doneBytes)
  }
}
