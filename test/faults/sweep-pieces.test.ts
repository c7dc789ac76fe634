import { expect, it } from 'vitest'

import { PIECES } from './sweep/pieces.ts'
import { openRig, story } from './sweep/rig.ts'

// `npm run sweep -- --part pieces` visits every boundary; here each process is killed in the middle of the story.
it(
  'asks once about what is said in pieces and about an album, wherever either process is killed',
  { timeout: 300_000 },
  async () => {
    await using rig = await openRig(PIECES)
    const whole = await rig.run({})
    expect(story(whole)).toEqual({ killedAt: [], violations: [] })
    for (const role of ['host', 'gateway'] as const) {
      const end = whole.crossings.of(role, 0).length
      expect(story(await rig.run({ [role]: [Math.round(end / 2)] }))).toMatchObject({ violations: [] })
    }
  },
)
