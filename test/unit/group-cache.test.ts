import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { createGroupCache, type GroupChange } from '../../plugin/gateway/group-cache.ts'

const MINUTE_MS = 60_000
const GROUP = '120363000000000001@g.us'

const ids = (metadata: GroupMetadata | undefined) => metadata?.participants.map(({ id }) => id)
const serverSays = (code: number) => Object.assign(new Error('refused'), { data: code })
const closed = Object.assign(new Error('Connection Closed'), { output: { statusCode: 428 } })

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
  const cache = createGroupCache(() => told.now)
  return { told, cache, refresh: (jid = GROUP) => cache.refresh(jid, socket) }
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

it('follows who comes and goes, and takes no other change for one', async () => {
  const { cache, refresh } = before()
  await refresh()
  const change = (action: GroupChange['action'], id: string) =>
    cache.changed({ id: GROUP, participants: [{ id }], action })
  change('add', '3@lid')
  change('add', '3@lid')
  change('remove', '1@lid')
  change('promote', '4@lid')
  expect(ids(cache.known(GROUP))).toEqual(['2@lid', '3@lid'])
  cache.changed({ id: '120363000000000009@g.us', participants: [{ id: '1@lid' }], action: 'add' })
  expect(cache.known('120363000000000009@g.us')).toBeUndefined()
})
