import { expect, it } from 'vitest'

import { stillness } from '../../faults/sweep/stillness.ts'

it('is patient with what moves, and neither with what stands still nor with what moves for ever', () => {
  let now = 0
  const isStill = stillness(100, () => now)
  const looks = (at: number, seen: unknown): boolean => {
    now = at
    return isStill(seen)
  }
  expect([looks(0, ['a']), looks(99, ['a']), looks(99, ['b']), looks(198, ['b'])]).toEqual([false, false, false, false])
  expect([looks(199, ['b']), looks(200, ['c']), looks(299, ['c'])]).toEqual([true, false, false])
  for (let at = 300; at < 1_000; at += 50) expect(looks(at, [at])).toBe(false)
  expect(looks(1_000, ['d'])).toBe(true)
})
