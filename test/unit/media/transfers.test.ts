import { expect, it } from 'vitest'

import { TransferProgressFeed } from '../../../plugin/media/transfer-progress.ts'
import { ACCOUNT, given, ORG } from '../../support/store.ts'
import { parseOrgId } from '../../../plugin/contract/ids.ts'

const OTHER_ORG = given(parseOrgId('org_other'))

it('whoever watches sees how far the files of their org are, from now on and until each has ended', async () => {
  const transfers = new TransferProgressFeed()
  const { signal } = new AbortController()
  const mine = transfers.watch(ORG, signal)
  const theirs = transfers.watch(OTHER_ORG, signal)
  const firstOfMine = mine.next()
  const firstOfTheirs = theirs.next()
  {
    using _transfer = transfers.begin('f', { ...ACCOUNT, messageId: 'msg_1', direction: 'inbound' })
    transfers.moved({ file: 'f', doneBytes: 1, totalBytes: 2 })
    const step = { account: 'default', messageId: 'msg_1', direction: 'inbound', doneBytes: 1, totalBytes: 2 }
    expect((await firstOfMine).value).toEqual(step)
  }
  // Nobody knows any more whose it is.
  transfers.moved({ file: 'f', doneBytes: 2, totalBytes: 2 })
  const late = transfers.watch(ORG, signal).next()
  transfers.end()
  expect((await mine.next()).done).toBe(true)
  expect((await firstOfTheirs).done).toBe(true)
  expect((await late).done).toBe(true)
})
