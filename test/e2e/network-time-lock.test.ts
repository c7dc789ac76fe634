import type { BaileysEventMap } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { linkedClient, type BareClient } from '../support/network-client.ts'
import { startNetwork } from '../support/network.ts'

type Lock = BaileysEventMap['connection.update']['reachoutTimeLock']

/** The next word about the account's standing that stock Baileys passes on. */
const nextLock = ({ socket }: BareClient): Promise<Lock> =>
  new Promise(resolve => {
    const heed = ({ reachoutTimeLock }: BaileysEventMap['connection.update']): void => {
      if (!reachoutTimeLock) return
      socket.ev.off('connection.update', heed)
      resolve(reachoutTimeLock)
    }
    socket.ev.on('connection.update', heed)
  })

it('tells devices that the account may begin no new chats, says until when if they ask, and lets it end', async () => {
  await using network = await startNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  expect(await client.socket.fetchAccountReachoutTimelock()).toMatchObject({ isActive: false })

  const told = nextLock(client)
  const endsAt = (await network.faults.timeLock(owner, 2)) ?? 0
  expect(await told).toMatchObject({
    isActive: true,
    timeEnforcementEnds: new Date(endsAt),
    enforcementType: 'DEFAULT',
  })
  expect(await client.socket.fetchAccountReachoutTimelock()).toMatchObject({ timeEnforcementEnds: new Date(endsAt) })
  await expect
    .poll(async () => (await client.socket.fetchAccountReachoutTimelock()).isActive, { timeout: 10_000 })
    .toBe(false)
  expect(Date.now()).toBeGreaterThanOrEqual(endsAt)

  const lifted = nextLock(client)
  await network.faults.timeLock(owner, null)
  expect(await lifted).toMatchObject({ isActive: false })
  await network.ledgerWhen(page => page.queued['owner:1'] === 0)
})

it('knows no other stored question, and takes this one only with the variables that it has', async () => {
  const network = await startNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  const ask = (id: string, written: string) => {
    const attrs = { to: 's.whatsapp.net', type: 'get', xmlns: 'w:mex' }
    const query = { tag: 'query', attrs: { query_id: id }, content: Buffer.from(written) }
    return client.socket.query({ tag: 'iq', attrs, content: [query] })
  }
  await expect(client.socket.fetchNewChatMessageCap()).rejects.toThrow('feature-not-implemented')
  for (const written of ['{"variables":{"of":"alice"}}', '{}', 'variables'])
    await expect(ask('23983697327930364', written)).rejects.toThrow('feature-not-implemented')
  expect((await network.unknown()).map(({ why }) => why)).toEqual([
    'unknown mex query',
    'mex query with other variables',
    'mex query with other variables',
    'mex query that is no JSON',
  ])
  await expect(network[Symbol.asyncDispose]()).rejects.toThrow('did not understand')
})
