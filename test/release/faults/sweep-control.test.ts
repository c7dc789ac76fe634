import { expect, it } from 'vitest'

import { openControlRig } from '../../faults/sweep/control.ts'

/** Right before the bot keeps a message that Baileys has acknowledged already. */
const BAD_POINTS = [1, 3, 6].map(count => ({ kind: 'append before', count }))

it('the sweep bites: a bare bot loses messages on the same story', { timeout: 240_000 }, async () => {
  await using rig = await openControlRig()
  let lost = 0
  for (const point of BAD_POINTS) {
    const run = await rig.run(point)
    expect(run.crossings.deaths).toMatchObject([{ role: 'stock', kind: point.kind }])
    lost += run.lost.length
  }
  expect(lost).toBeGreaterThanOrEqual(BAD_POINTS.length)
})
