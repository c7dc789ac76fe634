import { expect, it } from 'vitest'

import { inflowOf } from '../../../plugin/api/http/read-limit.ts'

it('a socket is not read from while sixteen of its calls are under way, and is again once one of them has ended', () => {
  const done: string[] = []
  const inflow = inflowOf({ pause: () => void done.push('pause'), resume: () => void done.push('resume') })
  const leave = Array.from({ length: 15 }, () => inflow.enter())
  expect(done).toEqual([])
  leave.push(inflow.enter())
  expect(done).toEqual(['pause'])
  // What came in the same piece is under way as well.
  const more = inflow.enter()
  more()
  expect(done).toEqual(['pause'])
  leave.pop()?.()
  expect(done).toEqual(['pause', 'resume'])
  inflow.enter()
  for (const each of leave) each()
  expect(done).toEqual(['pause', 'resume', 'pause', 'resume'])
})
