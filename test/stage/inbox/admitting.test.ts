import { expect, it } from 'vitest'

import { PageIngest, type PageIngestParts } from '../../../plugin/inbox/ingest-page.ts'
import { BacklogWait } from '../../../plugin/accounts/backlog-wait.ts'
import { noRules } from '../../support/rules.ts'
import { ACCOUNT, linkedStore } from '../../support/store.ts'

/** Keeps the loop from everybody for a while. */
function takesAWhile(): Promise<void> {
  const until = performance.now() + 30
  while (performance.now() < until);
  return Promise.resolve()
}

it('what takes a while is taken in by several transactions, each in its share of the loop, all in their order', async () => {
  await using opened = await linkedStore()
  let shares = 0
  const next = (): Promise<void> => {
    shares += 1
    return Promise.resolve()
  }
  const searching = { search: () => Promise.resolve() }
  const parts: PageIngestParts = { ...noRules, ...opened, catchingUp: new BacklogWait(), searching, shares: { next } }
  const transactions: { those: readonly number[]; isAll: boolean }[] = []
  const all = [1, 2, 3, 4, 5, 6, 7]
  const isTaken = await new PageIngest(parts).inOrder(ACCOUNT, {
    all,
    isOpen: () => Promise.resolve(true),
    take: takesAWhile,
    taken: (_, those, isAll) => Promise.resolve(void transactions.push({ those, isAll })),
    onCommitted: () => undefined,
  })
  expect(isTaken).toBe(true)
  expect(transactions.flatMap(({ those }) => those)).toEqual(all)
  expect(Math.max(...transactions.map(({ those }) => those.length))).toBeLessThanOrEqual(2)
  expect(transactions.map(({ isAll }) => isAll)).toEqual(transactions.map((_, n) => n === transactions.length - 1))
  expect(shares).toBe(transactions.length)
})
