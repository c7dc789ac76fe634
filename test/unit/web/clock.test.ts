import { expect, it } from 'vitest'

import { differenceAfter } from '../../../plugin/web/data/host-clock.ts'

const NOW = Date.parse('2026-01-05T10:00:00Z')

it('a page goes by the clock of the host, as soon as it knows that its own differs', () => {
  expect(differenceAfter(0, 'Mon, 05 Jan 2026 10:05:00 GMT', NOW)).toBe(300_000)
  expect(differenceAfter(0, 'Mon, 05 Jan 2026 09:55:00 GMT', NOW)).toBe(-300_000)
  expect(differenceAfter(300_000, 'Mon, 05 Jan 2026 10:00:00 GMT', NOW)).toBe(0)
  // Whole seconds and slow answers are no difference, and do not make clocks jump.
  expect(differenceAfter(0, 'Mon, 05 Jan 2026 10:00:00 GMT', NOW + 1_900)).toBe(0)
  expect(differenceAfter(300_000, 'Mon, 05 Jan 2026 10:05:00 GMT', NOW + 1_900)).toBe(300_000)
  expect(differenceAfter(7, null, NOW)).toBe(7)
})
