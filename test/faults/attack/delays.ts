import { setTimeout as pause } from 'node:timers/promises'

import type { Tally } from './arena.ts'
import type { RowName } from './assault-contract.ts'
import { feelPulse } from './pulse.ts'
import { begin, inScene, type Scene } from './scene.ts'

/** How org A was answered while a row was played. */
export type Delay = RowName & { readonly echoMs: number; readonly healthMs: number; readonly tally: Tally | null }

const SECONDS = 3
const PER_SECOND = 5
/** What a row has begun is over by then, mostly. */
const CALM_MS = 300

/** The longest of each while somebody writes a few times a second. */
async function longest({ echo, story }: Scene): Promise<Pick<Delay, 'echoMs' | 'healthMs'>> {
  using pulse = feelPulse(story.host.url)
  const echoes = await echo.writes(SECONDS, { perSecond: PER_SECOND }).done
  const most = (took: readonly (number | null)[]): number => Math.max(...took.map(ms => ms ?? Infinity))
  return { echoMs: most(echoes.map(({ tookMs }) => tookMs)), healthMs: most(pulse.taken()) }
}

/** Plays each row of the tables for a while, three at a time, and measures what it does to org A; first what org A has without. */
export const measureDelays = (seed: number, told: (delay: Delay) => void): Promise<Delay[]> =>
  inScene(async scene => {
    const { assault } = scene
    await begin(scene, { seed, played: 'rows' })
    const rows = await assault.rows()
    const delays: Delay[] = []
    const note = (delay: Delay): void => void delays.push(delay)
    note({ kind: 'none', name: 'nothing', ...(await longest(scene)), tally: null })
    for (const [at, row] of rows.entries()) {
      assault.play(at)
      const took = await longest(scene)
      const delay = { ...row, ...took, tally: await assault.rest() }
      note(delay)
      told(delay)
      await pause(CALM_MS)
    }
    return delays
  })
