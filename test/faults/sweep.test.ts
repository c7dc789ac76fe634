import { describe, expect, it } from 'vitest'

import { shared } from '../support/shared.ts'
import { openPairings } from './sweep/pairing-sweep.ts'
import { openRig, story } from './sweep/rig.ts'

/** `npm run sweep` visits every boundary; these are some of each process, spread evenly over the story. */
const SAMPLES = { host: 1, gateway: 2 } as const

const rig = shared(() => openRig())

it('loses, doubles and invents nothing, wherever either process is killed', { timeout: 300_000 }, async () => {
  const whole = await rig().run({})
  expect(story(whole)).toEqual({ killedAt: [], violations: [] })
  for (const role of ['host', 'gateway'] as const) {
    const end = whole.crossings.of(role, 0).length
    for (let sample = 0; sample < SAMPLES[role]; sample += 1) {
      const n = Math.round((end * (sample + 0.5)) / SAMPLES[role])
      expect(story(await rig().run({ [role]: [n] }))).toMatchObject({ violations: [] })
    }
  }
  const written = await rig().run({ host: [{ kind: 'append after', count: 1 }] })
  expect(story(written)).toEqual({ killedAt: [expect.stringContaining('append after')], violations: [] })
})

it('loses nothing when it is killed again while it recovers', { timeout: 120_000 }, async () => {
  const run = await rig().run({
    gateway: [
      { kind: 'frame out after', count: 30 },
      { kind: 'commit after', count: 5 },
    ],
  })
  expect(story(run)).toEqual({ killedAt: [expect.any(String), expect.any(String)], violations: [] })
})

/** Where the gateway dies, counted from the code that is scanned, and what the network says of the login that it keeps. */
const PLACES = [
  { place: 'before pair-success', end: { kind: 'frame in before', count: 1 }, refusals: [] },
  { place: 'before its login is kept', end: { kind: 'commit before', count: 1 }, refusals: [] },
  // The phone was never answered, and so never linked it.
  { place: 'after its login is kept', end: { kind: 'commit after', count: 1 }, refusals: [401] },
  { place: 'during the restart', end: { kind: 'frame in after', count: 2 }, refusals: [] },
] as const

describe('F9: killed while it is paired', () => {
  const pairings = shared(openPairings)

  it.each(PLACES)('$place, it is linked in the end, once', { timeout: 120_000 }, async given => {
    const run = await pairings().run({ gateway: [{ ...given.end, onSign: true }] })
    expect(run.deaths).toMatchObject([{ role: 'gateway', kind: given.end.kind }])
    expect(run).toMatchObject({ failure: null, links: 1, refusals: given.refusals })
  })
})
