import { expect, it } from 'vitest'

import type { JournalEntry } from '../../../plugin/contract/gateway-protocol.ts'
import { parseGroupId, type GroupId } from '../../../plugin/contract/ids.ts'
import { deletesByAdmins } from '../../../plugin/inbox/group-admins.ts'
import { ACCOUNT, ALICE, BOB, given, textFrom } from '../../support/store.ts'

const GROUPS = ['120363000000000001@g.us', '120363000000000002@g.us', '120363000000000003@g.us']

const deletionIn = (group: GroupId, seq: number): JournalEntry => ({
  kind: 'message',
  seq,
  message: textFrom(ALICE, '', {
    chat: { kind: 'group', group },
    content: { kind: 'revoke', target: 'X', author: BOB },
  }),
})

it('asks about all groups of a page at once: one that is not told of keeps the others waiting no longer', async () => {
  const entries = GROUPS.map((id, index) => deletionIn(given(parseGroupId(id)), index + 1))
  const asked: (() => void)[] = []
  const gateway = {
    // Nothing is told before everything was asked.
    call: () =>
      new Promise(resolve => {
        asked.push(() => resolve({ group: { members: [{ person: ALICE, admin: true }] } }))
        if (asked.length === GROUPS.length) for (const tell of asked) tell()
      }),
  }
  expect(await deletesByAdmins(gateway as never, ACCOUNT, entries)).toEqual(new Set(entries))
})
