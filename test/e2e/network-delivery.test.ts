import { expect, it } from 'vitest'
import { linkedClient } from '../support/network-client.ts'
import { networksInTurn } from '../support/places-in-turn.ts'

const nextNetwork = networksInTurn()

it('keeps what a client has not confirmed and brings it again, in order, marked as offline', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  const alice = await network.phone('alice')
  await using client = await linkedClient(network, owner)
  await network.faults.drop(owner)
  await client.closed()
  const ids = [
    await alice.says('one', { to: owner }),
    await alice.says('two', { to: owner }),
    await alice.says('three', { to: owner }),
  ]
  expect((await network.ledger()).queued['owner:1']).toBe(3)

  client.connect()
  await client.opened()
  await client.receives(({ key }) => key.id === ids[2])
  expect(client.received.map(({ message }) => message?.conversation).filter(Boolean)).toEqual(['one', 'two', 'three'])
  const page = await network.ledgerWhen(({ queued }) => queued['owner:1'] === 0)
  expect(page.logins.map(({ device, offline }) => [device, offline])).toEqual([
    ['owner:1', 0],
    ['owner:1', 3],
  ])
})

it('sends a message again when the client asks for it, and hears it when the phone asks', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  const alice = await network.phone('alice')
  await using client = await linkedClient(network, owner)
  const broken = await alice.says('second try', { to: owner, garbled: 1 })
  await client.receives(({ message }) => message?.conversation === 'second try')
  expect(await network.messageWhen(broken, ({ settlements }) => settlements === 2)).toMatchObject({
    retries: 1,
    deliveries: 2,
    errors: ['500'],
  })

  await client.socket.sendMessage(`${alice.lid}@lid`, { text: 'understood' })
  await alice.hears('understood')
  await alice.forgetsSessions()
  const sent = await client.socket.sendMessage(`${alice.lid}@lid`, { text: 'lost on the phone' })
  await alice.hears('lost on the phone')
  const record = await network.message(sent?.key.id ?? '')
  expect(record).toMatchObject({ transmissions: 2, undecryptable: 1 })
})

it('sends a group message again with the sender key', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  const alice = await network.phone('alice')
  await using client = await linkedClient(network, owner)
  const group = await network.group('team', [owner, alice])
  await alice.says('broken first', { to: group, garbled: 1 })
  const message = await client.receives(({ message }) => message?.conversation === 'broken first')
  expect(message.key).toMatchObject({ remoteJid: group.id, participant: `${alice.lid}@lid` })
  await alice.says('whole again', { to: group })
  await client.receives(({ message }) => message?.conversation === 'whole again')

  await client.socket.sendMessage(group.id, { text: 'keys given' })
  await alice.hears('keys given')
  await alice.forgetsSessions()
  await client.socket.sendMessage(group.id, { text: 'keys lost' })
  await alice.hears('keys lost')
})

it('delivers the same bytes again on request', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  const alice = await network.phone('alice')
  await using client = await linkedClient(network, owner)
  const id = await alice.says('once', { to: owner })
  await client.receives(({ key }) => key.id === id)
  await network.messageWhen(id, ({ settlements }) => settlements === 1)
  expect(await network.faults.redeliver(owner, [id])).toBe(1)
  expect(await network.messageWhen(id, ({ deliveries }) => deliveries === 2)).toMatchObject({ deliveries: 2 })
})

it('refuses, withholds or cuts instead of acknowledging a message', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  const alice = await network.phone('alice')
  await using client = await linkedClient(network, owner)
  const send = async (text: string) => (await client.socket.sendMessage(`${alice.lid}@lid`, { text }))?.key.id ?? ''

  await network.faults.send(owner, { ack: 479 })
  const refused = await send('refused')
  expect((await network.messageWhen(refused, ({ acks }) => acks.length > 0)).acks).toEqual(['479'])

  await network.faults.send(owner, { ack: 'withhold', deliver: true })
  const silent = await send('no ack')
  await alice.hears('no ack')
  expect((await network.message(silent)).acks).toEqual([])

  await network.faults.send(owner, { ack: 'drop' })
  const cut = await send('cut')
  expect(await client.closed()).toBe(428)
  expect((await network.message(cut)).acks).toEqual([])
  expect((await alice.heard()).map(({ text }) => text)).toEqual(['no ack'])
})

it('holds back what a phone gets until it is online again', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  const alice = await network.phone('alice')
  await using client = await linkedClient(network, owner)
  await alice.goesOffline()
  const sent = await client.socket.sendMessage(`${alice.lid}@lid`, { text: 'for later' })
  expect((await network.messageWhen(sent?.key.id ?? '', ({ acks }) => acks.length === 1)).acks).toEqual(['ok'])
  expect(await alice.heard()).toEqual([])
  await alice.comesOnline()
  await alice.hears('for later')
})
