import { setTimeout as pause } from 'node:timers/promises'

import type { Draw } from '../../support/drawing.ts'
import type { Deed, Outcome, Tally } from './arena.ts'

/** A try that has no answer by then is given up. */
const PATIENCE_MS = 20_000

async function tried(deed: Deed, draw: Draw): Promise<Outcome> {
  const ending = new AbortController()
  const late = pause<Outcome>(PATIENCE_MS, 'broken', { signal: ending.signal }).catch((): Outcome => 'broken')
  try {
    // A line that is cut is the host's answer to some of it.
    return await Promise.race([deed(draw).catch((): Outcome => 'broken'), late])
  } finally {
    ending.abort()
  }
}

/** How its tries are counted, how long is waited between two of them on the average, and until when. */
export type Lane = { readonly tally: Tally; readonly pauseMs: number; readonly signal: AbortSignal }

/** One try after the other, until it is told to stop. */
export async function lane(deed: Deed, draw: Draw, { tally, pauseMs, signal }: Lane): Promise<void> {
  while (!signal.aborted) {
    tally[await tried(deed, draw)] += 1
    await pause(draw(2 * pauseMs), undefined, { signal }).catch(() => undefined)
  }
}
