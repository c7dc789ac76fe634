import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import type { Person } from '../../../../plugin/contract/ids.ts'
import { createGroupCache } from '../../../../plugin/gateway/recipients/group-cache.ts'
import { membershipIn } from '../../../../plugin/gateway/recipients/membership.ts'
import { given, person } from '../../../support/store.ts'

const MINUTE_MS = 60_000
const GROUP = '120363000000000001@g.us'

const ids = (metadata: GroupMetadata | undefined) => metadata?.participants.map(({ id }) => id)
const serverSays = (code: number) => Object.assign(new Error('refused'), { data: code })
const closed = Object.assign(new Error('Connection Closed'), { output: { statusCode: 428 } })

const SELF = person('9', '15550000009')
/** Of one person both addresses are known. */
const ALICE = person('1', '15550000001')
const completed = (each: Person): Person => (each.phone === ALICE.phone || each.lid === ALICE.lid ? ALICE : each)

/** What WhatsApp tells of the group's members. */
const notice = (change: string, ...people: Record<string, string>[]) =>
  given(
    membershipIn({
      tag: 'notification',
      attrs: { type: 'w:gp2', from: GROUP },
      content: [{ tag: change, attrs: {}, content: people.map(attrs => ({ tag: 'participant', attrs })) }],
    }),
  )

/** A cache on a clock of the test's own, and a WhatsApp that counts what it is asked. */
function before() {
  const told = { now: 1_000_000, asks: [] as string[], failure: null as unknown, members: ['1@lid', '2@lid'] }
  const socket = {
    groupMetadata: (jid: string) => {
      told.asks.push(jid)
      if (told.failure !== null) return Promise.reject(told.failure)
      return Promise.resolve({ id: jid, participants: told.members.map(id => ({ id })) })
    },
    signalRepository: { lidMapping: { storeLIDPNMappings: () => Promise.resolve() } },
  } as unknown as WASocket
  const cache = createGroupCache({ now: () => told.now, complete: completed, self: () => SELF })
  return { told, cache, socket, refresh: (jid = GROUP) => cache.refresh(jid, socket) }
}

it('asks for a group every five minutes at most, whoever asks at the same time', async () => {
  const { told, cache, refresh } = before()
  await Promise.all([refresh(), refresh(), refresh()])
  told.now += 5 * MINUTE_MS - 1
  await refresh()
  expect(told.asks).toHaveLength(1)
  told.members = ['3@lid']
  told.now += 1
  await refresh()
  expect(ids(cache.known(GROUP))).toEqual(['3@lid'])
})

it('serves what it knows through ten minutes of 429, and asks again after fifteen', async () => {
  const { told, cache, refresh } = before()
  await refresh()
  told.now += 6 * MINUTE_MS
  told.failure = serverSays(429)
  for (let minute = 0; minute < 10; minute++) {
    await refresh()
    await expect(refresh('120363000000000002@g.us')).rejects.toThrow('may not be asked')
    expect(ids(cache.known(GROUP))).toEqual(['1@lid', '2@lid'])
    told.now += MINUTE_MS
  }
  expect(told.asks).toHaveLength(2)
  told.failure = null
  told.now += 5 * MINUTE_MS
  await refresh()
  await refresh('120363000000000002@g.us')
  expect(told.asks).toHaveLength(4)
})

it('asks for thirty groups a minute and no more', async () => {
  const { told, refresh } = before()
  const group = (index: number) => `1203630000000001${index}@g.us`
  for (let index = 0; index < 30; index++) await refresh(group(index))
  await expect(refresh(group(30))).rejects.toThrow('may not be asked')
  told.now += MINUTE_MS
  await refresh(group(30))
  expect(told.asks).toHaveLength(31)
})

it.each([
  ['the line was lost', closed],
  ['the line was lost, which Baileys also tells by a bare number', 1006],
  ['nobody answered', Object.assign(new Error('Timed Out'), { output: { statusCode: 408 } })],
])('asks again at once when %s, and after five minutes when the group is refused', async (_why, failure) => {
  const { told, refresh } = before()
  told.failure = failure
  await expect(refresh()).rejects.toBe(failure)
  told.failure = serverSays(403)
  await expect(refresh()).rejects.toThrow('refused')
  await expect(refresh()).rejects.toThrow('may not be asked')
  told.now += 5 * MINUTE_MS
  told.failure = null
  await refresh()
  expect(told.asks).toHaveLength(3)
})

it('follows who becomes an admin and who is none any more, without asking', async () => {
  const { told, cache, refresh } = before()
  const admins = () => cache.known(GROUP)?.participants.flatMap(({ id, admin }) => (admin ? [id] : []))
  await refresh()
  cache.changed(notice('promote', { jid: '15550000001@s.whatsapp.net' }, { jid: '2@lid' }))
  expect(admins()).toEqual(['1@lid', '2@lid'])
  cache.changed(notice('demote', { jid: '1@lid' }))
  expect(admins()).toEqual(['2@lid'])
  await refresh()
  expect(told.asks).toHaveLength(1)
})

it('follows who comes and goes, and takes no other change for one', async () => {
  const { told, cache, refresh } = before()
  await refresh()
  cache.changed(notice('add', { jid: '3@lid' }))
  cache.changed(notice('add', { jid: '3@lid' }))
  cache.changed(notice('remove', { jid: '1@lid' }))
  cache.changed(notice('promote', { jid: '4@lid' }))
  expect(ids(cache.known(GROUP))).toEqual(['2@lid', '3@lid'])
  await refresh()
  expect(told.asks).toHaveLength(1)
})

it.each([
  ['remove', { jid: '15550000001@s.whatsapp.net' }],
  ['leave', { jid: '15550000001@s.whatsapp.net' }],
  ['remove', { jid: '7@lid', phone_number: '15550000001@s.whatsapp.net' }],
])('lets go of whoever left at once, by whichever address they are named: %s %o', async (change, named) => {
  const { told, cache, refresh } = before()
  await refresh()
  cache.changed(notice(change, named))
  expect(ids(cache.known(GROUP))).toEqual(['2@lid'])
  expect([cache.isMember(GROUP, ALICE), cache.isMember(GROUP, person('2', null))]).toEqual([false, true])
  await refresh()
  expect(told.asks).toHaveLength(1)
})

it('names whoever came by the address of the group, and asks when it does not know that one', async () => {
  const { told, cache, refresh } = before()
  told.members = ['2@lid']
  await refresh()
  cache.changed(notice('add', { jid: '15550000001@s.whatsapp.net' }))
  expect(ids(cache.known(GROUP))).toEqual(['2@lid', '1@lid'])
  cache.changed(notice('add', { jid: '15550000005@s.whatsapp.net' }))
  expect(ids(cache.known(GROUP))).toEqual(['2@lid', '1@lid'])
  told.members = ['2@lid', '1@lid', '5@lid']
  await refresh()
  expect(ids(cache.known(GROUP))).toEqual(['2@lid', '1@lid', '5@lid'])
})

it('takes an answer for older than what was told while it was under way', async () => {
  const { cache, refresh } = before()
  const asking = refresh()
  cache.changed(notice('remove', { jid: '1@lid' }))
  await asking
  expect(ids(cache.known(GROUP))).toEqual(['2@lid'])
})

it.each([
  ['a change that it does not know', notice('modify', { jid: '1@lid' })],
  ['a removal of ours', notice('remove', { jid: '15550000009@s.whatsapp.net' })],
])('asks again with the next send after %s', async (_what, change) => {
  const { told, cache, refresh } = before()
  await refresh()
  cache.changed(change)
  await refresh()
  expect(told.asks).toHaveLength(2)
})

it('turns to the other mode with the addresses that people are known by, when the group may not be asked for', async () => {
  const { told, cache, socket, refresh } = before()
  told.members = ['1@lid']
  await refresh()
  told.failure = serverSays(429)
  expect(await cache.otherMode(GROUP, { than: 'lid', code: 421 }, socket)).toBe('pn')
  expect(ids(cache.known(GROUP))).toEqual(['15550000001@s.whatsapp.net'])
  expect(cache.modeOf(GROUP)).toBe('pn')
})

it('stays in its mode when the other address of one member is known to nobody', async () => {
  const { told, cache, socket, refresh } = before()
  await refresh()
  told.failure = serverSays(429)
  expect(await cache.otherMode(GROUP, { than: 'lid', code: 421 }, socket)).toBeNull()
  expect(ids(cache.known(GROUP))).toEqual(['1@lid', '2@lid'])
})
