import { expect, it } from 'vitest'

import { createHearing } from '../../../../plugin/gateway/connection/liveness.ts'

it('what is heard is told of at once, then once a second, whichever way the clock is set', () => {
  const told: number[] = []
  let now = 5_000
  const heard = createHearing(
    () => now,
    at => told.push(at),
  )
  for (const at of [5_000, 5_999, 6_000, 6_001, 7_500, 100, 150, 1_100]) {
    now = at
    heard()
  }
  expect(told).toEqual([5_000, 6_000, 7_500, 100, 1_100])
})
