import { expect, it } from 'vitest'

import { soak } from './sweep/soak.ts'

const CUTS = 4

it('F19: what was answered for is on the disk: power cuts take back the rest, and nothing is lost or said twice', async () => {
  const account = await soak({ kills: CUTS, rate: 20, delayMs: 0, powerCuts: true }, () => undefined)
  expect(account).toMatchObject({ kills: CUTS, outcomes: account.said, answered: account.said, lost: 0, duplicates: 0 })
}, 240_000)
