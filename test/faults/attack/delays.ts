import type { Tally } from './arena.ts'
import type { RowName } from './assault-contract.ts'
import { feelPulse } from './pulse.ts'
import { begin, inScene, type Scene } from './scene.ts'

/** How org A was answered while a row was played. */
export type Delay = RowName & { readonly echoMs: number; readonly healthMs: number; readonly tally: Tally | null }

/** What the table is drawn by, what is in the kind or name of all its rows, and whether it is broken off. */
export type Table = { readonly seed: number; readonly only: string; readonly signal: AbortSignal }

const SECONDS = 3
const PER_SECOND = 5
/** As quick as that it is again once nothing of the last row is left to do. */
const CALM_MS = 100
const LOOKS_MOST = 20

/** The longest of each while somebody writes a few times a second. */
async function longest({ echo, story }: Scene): Promise<Pick<Delay, 'echoMs' | 'healthMs'>> {
  using pulse = feelPulse(story.host.url)
  const echoes = await echo.writes(SECONDS, { perSecond: PER_SECOND }).done
  const most = (took: readonly (number | null)[]): number => Math.max(...took.map(ms => ms ?? Infinity))
  return { echoMs: most(echoes.map(({ tookMs }) => tookMs)), healthMs: most(pulse.taken()) }
}

/** Waits until what the last row has begun is over. */
async function calm({ echo }: Scene): Promise<void> {
  for (let looks = 0; looks < LOOKS_MOST; looks += 1) {
    const [first] = await echo.writes(1).done
    if (first && (first.tookMs ?? Infinity) < CALM_MS) return
  }
}

/** Plays each row of the tables for a while, and measures what it does to org A; first what org A has without. */
export const measureDelays = ({ seed, only, signal }: Table, told: (delay: Delay) => void): Promise<Delay[]> =>
  inScene(async scene => {
    const { assault } = scene
    await begin(scene, { seed, played: 'rows' })
    const rows = await assault.rows()
    const delays: Delay[] = []
    const note = (delay: Delay): void => void delays.push(delay)
    note({ kind: 'none', name: 'nothing', ...(await longest(scene)), tally: null })
    for (const [at, row] of rows.entries()) {
      if (signal.aborted) break
      if (!`${row.kind}: ${row.name}`.includes(only)) continue
      assault.play(at)
      const took = await longest(scene)
      const delay = { ...row, ...took, tally: await assault.rest() }
      note(delay)
      told(delay)
      await calm(scene)
    }
    return delays
  })
