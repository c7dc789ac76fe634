import type { WASocket } from '@whiskeysockets/baileys'
import { Boom } from '@hapi/boom'
import { expect, it } from 'vitest'

import { createGroupCache } from '../../plugin/gateway/group-cache.ts'

const GROUP = '120363000000000001@g.us'

/** A socket whose questions end one after the other as the list says; null: with an answer. */
function socketThat(ends: unknown[]) {
  const asked = { times: 0 }
  const groupMetadata = () => {
    const end = ends[asked.times]
    asked.times += 1
    return end === null ? Promise.resolve({ id: GROUP, participants: [] }) : Promise.reject(end)
  }
  const signalRepository = { lidMapping: { storeLIDPNMappings: () => Promise.resolve() } }
  return { asked, socket: { groupMetadata, signalRepository } as unknown as WASocket }
}

it.each([
  ['the line went, which Baileys tells by a bare number', 1006],
  ['the line went', new Boom('Connection Closed', { statusCode: 428 })],
  ['nobody answered', new Boom('Timed Out', { statusCode: 408 })],
])('asks again at the next send when %s', async (_why, end) => {
  const groups = createGroupCache(() => 0)
  const { socket, asked } = socketThat([end, null])
  await expect(groups.refresh(GROUP, socket)).rejects.toBe(end)
  await groups.refresh(GROUP, socket)
  await groups.refresh(GROUP, socket)
  expect([asked.times, groups.known(GROUP)?.id]).toEqual([2, GROUP])
})

it('does not ask again for five minutes when the server has refused', async () => {
  let now = 0
  const groups = createGroupCache(() => now)
  const { socket, asked } = socketThat([new Boom('forbidden', { data: 403 }), null])
  await expect(groups.refresh(GROUP, socket)).rejects.toThrow('forbidden')
  await expect(groups.refresh(GROUP, socket)).rejects.toThrow('may not be asked for yet')
  now = 300_000
  await groups.refresh(GROUP, socket)
  expect(asked.times).toBe(2)
})
