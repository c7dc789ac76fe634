import { expect, it } from 'vitest'

import { checkRetention } from '../../../client/checks/retention.ts'

const said = (days: number, chosen: boolean) =>
  checkRetention([{ retention: { days, chosen } } as never]).map(({ ok, says, todo }) => [ok, says, todo !== null])

it('asks for a choice where messages are kept for ever and nobody has said so, and calls nothing wrong', () => {
  expect(said(0, false)).toEqual([
    [true, 'Messages are kept without limit, because "retention_days" is not set.', true],
  ])
  expect(said(0, true)).toEqual([[true, 'Messages are kept without limit.', false]])
  expect(said(180, false)).toEqual([[true, 'Messages are kept for 180 days.', false]])
  expect(said(60, true)).toEqual([[true, 'Messages are kept for 60 days.', false]])
  expect(checkRetention([])).toEqual([])
})
