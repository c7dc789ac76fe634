import { expect, it } from 'vitest'

import { runPairing } from './sweep/pairing-sweep.ts'
import { openRig, type Run } from './sweep/rig.ts'

/** `npm run sweep` visits every boundary; these are some of each process, spread evenly over the story. */
const SAMPLES_A_PROCESS = 4

/** What went wrong, and where it was killed, for a failure that says it. */
const story = ({ violations, crossings }: Run) => ({
  killedAt: crossings.deaths.map(({ role, crossing, kind }) => `${role} ${crossing} (${kind})`),
  violations,
})

it('loses, doubles and invents nothing, wherever either process is killed', { timeout: 300_000 }, async () => {
  await using rig = await openRig()
  const whole = await rig.run({})
  expect(story(whole)).toEqual({ killedAt: [], violations: [] })
  for (const role of ['host', 'gateway'] as const) {
    const end = whole.crossings.of(role, 0).length
    for (let sample = 0; sample < SAMPLES_A_PROCESS; sample += 1) {
      const n = Math.round((end * (sample + 0.5)) / SAMPLES_A_PROCESS)
      expect(story(await rig.run({ [role]: [n] }))).toMatchObject({ violations: [] })
    }
  }
})

it('loses nothing when it is killed again while it recovers', { timeout: 120_000 }, async () => {
  await using rig = await openRig()
  const run = await rig.run({
    gateway: [
      { kind: 'frame out after', count: 30 },
      { kind: 'commit after', count: 5 },
    ],
  })
  expect(story(run)).toEqual({ killedAt: [expect.any(String), expect.any(String)], violations: [] })
})

it('is linked in the end, or shows a new code, when it dies while it is paired', { timeout: 120_000 }, async () => {
  for (const count of [2, 8]) {
    const { failure, deaths } = await runPairing({ gateway: [{ kind: 'commit after', count }] })
    expect({ failure, deaths: deaths.length }).toEqual({ failure: null, deaths: 1 })
  }
})
