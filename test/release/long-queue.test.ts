import { expect, it } from 'vitest'

import { answerTimes, cutAfter, quantile, textsIn, writeBacklog } from '../support/backlog.ts'
import { journalTown } from '../support/journal-town.ts'

const COUNT = 12_000
const PATIENCE_MS = 300_000

it('F31: 12,000 direct and group messages, cut at 40 %, are brought once and in order, and no ping starves', async () => {
  await using town = await journalTown()
  const { network, gateway } = town
  await gateway.supervisor.call('account.close', gateway.account)
  const texts = await writeBacklog(town, COUNT)
  const after = gateway.events.length
  const cut = cutAfter(town, COUNT * 0.4, PATIENCE_MS)
  await gateway.open()
  const drained = cut.then(() => network.ledgerWhen(page => page.queued['owner:1'] === 0, PATIENCE_MS))
  const times = await answerTimes(gateway, drained)
  expect(await textsIn(gateway)).toEqual(texts)
  const reasons = gateway.events
    .slice(after)
    .flatMap(each => (each.event === 'connection' && each.state.status === 'waiting' ? [each.state.reason] : []))
  expect(reasons).toEqual(['connection_closed'])
  expect(quantile(times, 0.99)).toBeLessThan(500)
})
