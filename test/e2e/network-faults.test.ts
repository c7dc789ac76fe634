import { expect, it } from 'vitest'
import { linkedClient } from '../support/network-client.ts'
import { startNetwork } from '../support/network.ts'
import { networksInTurn } from '../support/places-in-turn.ts'

const nextNetwork = networksInTurn()

it('closes lines with the code of each row of the disconnect table', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  const { faults } = network
  const rows: [number, () => Promise<void>][] = [
    [428, () => faults.drop(owner)],
    [428, () => faults.streamEnd(owner)],
    [503, () => faults.streamError(owner, 503)],
    [500, () => faults.streamError(owner, null)],
    [515, () => faults.streamError(owner, 515)],
    [440, () => faults.replaced(owner)],
  ]
  for (const [code, fault] of rows) {
    await fault()
    expect(await client.closed()).toBe(code)
    client.connect()
    await client.opened()
  }
  expect((await network.ledger()).logins).toHaveLength(rows.length + 1)
})

it('ends streams in ways that the bare client takes for another program, or for no such thing', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  const { faults } = network
  const replaced = { tag: 'conflict', type: 'replaced' }
  const rows: [number, () => Promise<void>][] = [
    [440, () => faults.streamError(owner, null, { tag: 'conflict', type: 'merged' })],
    [409, () => faults.streamError(owner, 409, replaced)],
    [500, () => faults.streamError(owner, null, { tag: 'text' }, replaced)],
  ]
  for (const [code, fault] of rows) {
    await fault()
    expect(await client.closed()).toBe(code)
    client.connect()
    await client.opened()
  }
})

it('refuses logins with the reason it was told, then lets them in again', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  await network.faults.drop(owner)
  await client.closed()
  for (const reason of [401, 402, 403, 405, 406, 411, 500, 503]) {
    await network.faults.refuseLogin(owner, { reason, expireS: 60 })
    client.connect()
    expect(await client.closed()).toBe(reason)
  }
  client.connect()
  await client.opened()
})

it('removes a device, which then is not let in any more', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  await owner.removesDevice()
  expect(await client.closed()).toBe(401)
  client.connect()
  expect(await client.closed()).toBe(401)
  expect((await network.ledger()).failures).toMatchObject([{ reason: 401 }])
})

it('lets the newer of two clients of the same device in', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  client.connect()
  expect(await client.closed()).toBe(440)
  await client.opened()
})

it('logs a device out on its own wish', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  await client.socket.logout()
  expect(await client.closed()).toBe(401)
  client.connect()
  expect(await client.closed()).toBe(401)
})

it('falls silent without closing the line', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner, { keepAliveIntervalMs: 500 })
  await network.faults.silence(owner)
  expect(await client.closed()).toBe(408)
})

it('meets new connections as the door says', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  await network.faults.drop(owner)
  await client.closed()
  for (const door of ['refuse', 'drop', 'drop_after_login'] as const) {
    await network.faults.door(door)
    client.connect()
    expect(await client.closed()).not.toBe(0)
  }
  await network.faults.door('open')
  client.connect()
  await client.opened()
  const { connects } = await network.ledger()
  expect(connects.filter(({ outcome }) => outcome === 'refused')).toHaveLength(1)
})

it('lists a stanza that it does not know, and fails the test that caused it', async () => {
  const network = await startNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  const query = { tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:nonsense' }, content: [] }
  await expect(client.socket.query(query)).rejects.toThrow('feature-not-implemented')
  expect(await network.unknown()).toEqual([{ stanza: '<iq type=get xmlns=w:nonsense>', why: 'unknown query' }])
  await expect(network[Symbol.asyncDispose]()).rejects.toThrow('did not understand')
})
