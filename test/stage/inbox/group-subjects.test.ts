import { describe, expect, it } from 'vitest'

import type { GroupChange } from '../../../plugin/contract/content.ts'
import { type Chat, type GroupId, parseGroupId } from '../../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { Groups } from '../../../plugin/accounts/groups.ts'
import { MessageFeed } from '../../../plugin/history/message-feed.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { alone } from '../../support/alone.ts'
import { keptLog } from '../../support/host.ts'
import { inboxOf } from '../../support/inbox.ts'
import { ACCOUNT, ALICE, given, GROUP, linkedStore, ORG, textFrom } from '../../support/store.ts'

const FAMILY = given(parseGroupId('120363000000000001@g.us'))
const OTHERS = given(parseGroupId('120363000000000002@g.us'))
const NOON = Date.UTC(2026, 0, 1, 12)
const MINUTE_MS = 60_000

/** Something said in the group so many minutes after noon. */
const said = (text: string, minute: number, chat: Chat = GROUP): InboundMessage =>
  textFrom(ALICE, text, { chat, sentAt: NOON + minute * MINUTE_MS })

const renamed = (text: string, minute: number, change: GroupChange = 'subject'): InboundMessage => ({
  ...said('', minute),
  content: { kind: 'group_change', change, people: [], text },
})

/** What the texts in groups show as the subject, in the order in which they came. */
async function shown(store: Store): Promise<string[]> {
  const { messages } = await new MessageFeed(store, alone).list(ORG, { account: null, before: null, limit: 200 })
  return messages
    .filter(({ kind }) => kind === 'text')
    .toReversed()
    .map(({ text, group_subject: subject }) => `${text} ${subject ?? '-'}`)
}

/** The groups of the account, of which the gateway says what it is told to, and how often it was asked. */
function groupsOf(store: Store, subjects: Record<GroupId, string>) {
  const asked: string[] = []
  const told = { subjects, fails: false }
  const groups = new Groups({
    gateway: {
      call: async (name: string) => {
        asked.push(name)
        if (told.fails) throw new Error('no')
        const all = Object.entries(told.subjects).map(([id, subject]) => ({ id, subject, size: 2 }))
        return name === 'groups.list' ? { groups: all } : { group: { ...all[0], description: '', members: [] } }
      },
    } as never,
    accounts: { require: () => Promise.resolve() } as never,
    store,
    log: keptLog().log,
  })
  const met = async (...ids: GroupId[]): Promise<void> => {
    groups.met(ACCOUNT, ids)
    await groups.settled()
  }
  return { groups, asked, told, met }
}

describe('A message in a group', () => {
  it('shows what the group was called when it was written, whenever it came', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store)
    gateway.receive(
      renamed('Holiday', 0, 'created'),
      said('first', 1),
      renamed('Family', 10),
      said('second', 11),
      said('late', 5),
      said('before all', -5),
      said('elsewhere', 11, { kind: 'group', group: OTHERS }),
      textFrom(ALICE, 'directly'),
    )
    await inbox.wake(ACCOUNT)
    expect(await shown(opened.store)).toEqual([
      'first Holiday',
      'second Family',
      'late Holiday',
      'before all Holiday',
      'elsewhere -',
      'directly -',
    ])
    await inbox.close()
  })

  it('shows none that is empty, and of one that is too long the beginning', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store)
    gateway.receive(renamed('é'.repeat(5_000), 0), renamed('  ', 1), renamed('Promoted', 2, 'promoted'), said('hi', 3))
    await inbox.wake(ACCOUNT)
    expect(await shown(opened.store)).toEqual([`hi ${'é'.repeat(200)}`])
    await inbox.close()
  })

  it('of a group that is renamed again and again shows the last twenty names alone', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store)
    for (let minute = 0; minute < 50; minute += 1)
      gateway.receive(renamed(`name ${minute}`, minute), said(`at ${minute}`, minute))
    await inbox.wake(ACCOUNT)
    const texts = await shown(opened.store)
    expect(texts[49]).toBe('at 49 name 49')
    expect(texts[30]).toBe('at 30 name 30')
    expect(texts[10]).toBe('at 10 name 30')
    const { rows } = await countOf(opened.store)
    expect(rows).toBe(20)
    await inbox.close()
  })
})

async function countOf({ connection }: Store): Promise<{ rows: number }> {
  return { rows: (await connection.selectFrom('group_subjects').select('since').execute()).length }
}

describe('What a group is called', () => {
  it('is kept when groups are listed or one is looked at, once for as long as it is the same', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store)
    gateway.receive(said('hi', 0))
    await inbox.wake(ACCOUNT)
    const { groups, told } = groupsOf(opened.store, { [FAMILY]: 'Family', [OTHERS]: 'Others' })
    await groups.list(ACCOUNT)
    await groups.list(ACCOUNT)
    expect(await shown(opened.store)).toEqual(['hi Family'])
    expect(await countOf(opened.store)).toEqual({ rows: 2 })
    told.subjects = { [FAMILY]: 'Holiday' }
    await groups.find(ACCOUNT, FAMILY)
    expect(await countOf(opened.store)).toEqual({ rows: 3 })
    // It was written before anybody knew of another name.
    expect(await shown(opened.store)).toEqual(['hi Family'])
    await inbox.close()
  })

  it('that is asked for is what it was called until its members are told of another, whatever the clock of this host says', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store)
    const { met } = groupsOf(opened.store, { [FAMILY]: 'Family' })
    await met(FAMILY)
    // WhatsApp's clock counts whole seconds, and is no other host's.
    gateway.receive(said('first', -2), renamed('Holiday', -1), said('second', 0))
    await inbox.wake(ACCOUNT)
    expect(await shown(opened.store)).toEqual(['first Family', 'second Holiday'])
    await inbox.close()
  })

  it('is asked for when something comes in a group that has no name yet, and not again for ten minutes', async () => {
    await using opened = await linkedStore()
    const { asked, met } = groupsOf(opened.store, { [FAMILY]: 'Family' })
    await met()
    expect(asked).toEqual([])
    await met(FAMILY)
    await met(FAMILY)
    expect(asked).toEqual(['groups.list'])
    await met(OTHERS)
    expect(asked).toEqual(['groups.list'])
    // After a restart, what is known is not asked for.
    const again = groupsOf(opened.store, { [FAMILY]: 'Family' })
    await again.met(FAMILY)
    expect(again.asked).toEqual([])
    // The list may be older than the group: it is asked for by itself.
    await again.met(FAMILY, OTHERS)
    expect(again.asked).toEqual(['groups.list', 'groups.get'])
  })

  it('need not be kept for groups to be listed', async () => {
    await using opened = await linkedStore()
    const { groups } = groupsOf(opened.store, { [FAMILY]: 'Family' })
    opened.store.transaction = () => Promise.reject(new Error('the disk is full'))
    expect(await groups.list(ACCOUNT)).toEqual([{ id: FAMILY, subject: 'Family', size: 2 }])
    expect(await groups.find(ACCOUNT, FAMILY)).toMatchObject({ subject: 'Family' })
  })

  it('stays unknown where WhatsApp cannot be asked, and nothing else comes of that', async () => {
    await using opened = await linkedStore()
    const { asked, told, met } = groupsOf(opened.store, {})
    told.fails = true
    await met(FAMILY)
    expect(asked).toEqual(['groups.list'])
    expect(await countOf(opened.store)).toEqual({ rows: 0 })
  })
})

it('An inbox tells in which groups something came', async () => {
  await using opened = await linkedStore()
  const { inbox, gateway, committed } = await inboxOf(opened.store)
  gateway.receive(said('hi', 0), textFrom(ALICE, 'directly'))
  await inbox.wake(ACCOUNT)
  expect(committed.flatMap(({ arrived }) => arrived.map(({ group }) => group))).toEqual([FAMILY, null])
  await inbox.close()
})

it('Who wrote messages is told with the group and what it was called, of those that are kept', async () => {
  await using opened = await linkedStore()
  const { inbox, gateway } = await inboxOf(opened.store)
  gateway.receive(renamed('Family', 0), { ...said('hi', 1), senderName: 'Boss' }, textFrom(ALICE, 'directly'))
  await inbox.wake(ACCOUNT)
  const history = new MessageFeed(opened.store, alone)
  const { messages } = await history.list(ORG, { account: null, before: null, limit: 2 })
  const ids = messages.map(({ id }) => id)
  const senders = await history.senders(ORG, [...ids, 'msg_of_nobody'])
  const direct = { id: ids[0], address: ALICE.phone, name: null, group: null, group_subject: null }
  const inGroup = { id: ids[1], address: ALICE.phone, name: 'Boss', group: FAMILY, group_subject: 'Family' }
  expect(senders.toSorted((one, other) => (one.id < other.id ? 1 : -1))).toEqual([direct, inGroup])
  expect(await history.senders('org_other' as typeof ORG, ids)).toEqual([])
  await inbox.close()
})
