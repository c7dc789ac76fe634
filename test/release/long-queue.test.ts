import { expect, it } from 'vitest'

import { drainWithCut, quantile } from '../support/backlog.ts'
import { journalTown } from '../support/journal-town.ts'

it('F31: 12,000 direct and group messages, cut at 40 %, are brought once and in order, and no ping starves', async () => {
  await using town = await journalTown()
  const { written, received, losses, answersMs } = await drainWithCut(town, 12_000, 300_000)
  expect(received).toEqual(written)
  expect(losses).toEqual(['connection_closed'])
  expect(quantile(answersMs, 0.99)).toBeLessThan(500)
})
