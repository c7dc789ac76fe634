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

it('12,000 that come in pages, cut at 40 %, are asked for to the last, and the last take no longer than the first', async () => {
  await using town = await journalTown()
  const { network, gateway } = town
  await network.behaves({ offline_pages: { primer: 5, page: null, live: 'at_the_end' } })
  const settled = async (share: number): Promise<number> => {
    await network.ledgerWhen(page => (page.settled['owner:1'] ?? 0) >= 12_000 * share, 600_000)
    return performance.now()
  }
  const moments = Promise.all([0.5, 0.75, 1].map(settled))
  const { written, received, losses, answersMs } = await drainWithCut(town, 12_000, 300_000)
  expect(received).toEqual(written)
  expect(losses).toEqual(['connection_closed'])
  const [half = 0, most = 0, all = 0] = await moments
  expect(all - most).toBeLessThan(2 * (most - half))
  expect(quantile(answersMs, 0.99)).toBeLessThan(500)
  const { pages_asked: asked } = await network.ledger()
  expect(asked.length).toBeLessThanOrEqual(12_000 / 100)
  expect(gateway.events.filter(each => each.event === 'connection' && each.state.status === 'degraded')).toEqual([])
})
