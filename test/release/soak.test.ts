import { expect, it } from 'vitest'

import { soak } from '../faults/sweep/soak.ts'

const [KILLS, RATE] = [100, 20]

it.each([0, 1_000])('an agent that thinks for %i ms loses and repeats nothing over a hundred kills', async delayMs => {
  const account = await soak({ kills: KILLS, rate: RATE, delayMs }, (done, said) => {
    if (done % 10 === 0) process.stdout.write(`… ${done} of ${KILLS} kills, ${said} messages\n`)
  })
  const { said } = account
  expect(account).toEqual({
    kills: KILLS,
    said,
    outcomes: said,
    answered: said,
    lost: 0,
    duplicates: 0,
    unanswered: {},
  })
})
