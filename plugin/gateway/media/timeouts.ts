/** The longest time in which no byte of a file is transferred. */
export const IDLE_MS = 20_000
/** The minimum average speed of a transfer. */
const SLOWEST_BYTES_PER_S = 131_072
const START_MS = 30_000
const PROGRESS_BYTES = 2 ** 20

/** How long the transfer of a file of that size may take. */
export const withinMs = (sizeBytes: number): number => START_MS + Math.ceil((sizeBytes * 1_000) / SLOWEST_BYTES_PER_S)

/** Reports every mebibyte, and no more often. */
export function everyMebibyte(tell: (doneBytes: number) => void): (doneBytes: number) => void {
  let told = 0
  return doneBytes => {
    if (doneBytes - told < PROGRESS_BYTES) return
    told = doneBytes
    tell(doneBytes)
  }
}
