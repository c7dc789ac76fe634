import { expect, it } from 'vitest'
import { linkedClient } from '../support/network-client.ts'
import { networksInTurn } from '../support/places-in-turn.ts'

const nextNetwork = networksInTurn()

it('answers what a client asks, and understands all of it', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  const alice = await network.phone('alice', { phone: '+4915112345678', lid: '987654321012345' })
  await using client = await linkedClient(network, owner)
  const group = await network.group('team', [owner, alice])
  const { socket } = client

  expect(await socket.onWhatsApp('4915112345678')).toEqual([{ jid: '4915112345678@s.whatsapp.net', exists: true }])
  expect(await socket.onWhatsApp('4915100000000')).toEqual([])
  expect(Object.keys(await socket.groupFetchAllParticipating())).toEqual([group.id])
  expect(await socket.groupMetadata(group.id)).toMatchObject({
    subject: 'team',
    addressingMode: 'lid',
    participants: [
      { id: `${owner.lid}@lid` },
      { id: '987654321012345@lid', phoneNumber: '4915112345678@s.whatsapp.net' },
    ],
  })
  await expect(socket.groupMetadata('120363999999999999@g.us')).rejects.toThrow('forbidden')
  await expect(socket.profilePictureUrl('987654321012345@lid')).rejects.toThrow('item-not-found')
  expect(await socket.signalRepository.lidMapping.getLIDForPN('4915112345678@s.whatsapp.net')).toBe(
    '987654321012345@lid',
  )
  await socket.rotateSignedPreKey()
  await socket.fetchBlocklist()
  await socket.sendPresenceUpdate('available')
  await socket.presenceSubscribe('987654321012345@lid')
  await socket.sendPresenceUpdate('composing', '987654321012345@lid')
  await network.ledgerWhen(({ typing }) => typing.some(({ state }) => state === 'composing'))

  const id = await alice.says('read me', { to: owner })
  const message = await client.receives(({ key }) => key.id === id)
  await socket.readMessages([message.key])
  expect((await network.messageWhen(id, ({ reads }) => reads > 0)).settlements).toBe(1)
})

it('counts an orderly goodbye as clean and a cut line as the network’s own', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  await using client = await linkedClient(network, owner)
  await network.faults.drop(owner)
  await client.closed()
  client.connect()
  await client.opened()
  await client.socket.end(undefined)
  const { closings } = await network.ledgerWhen(page => page.closings.length === 3)
  expect(closings.map(({ device, how }) => [device, how])).toEqual([
    ['unlinked', 'by_network'],
    ['owner:1', 'by_network'],
    ['owner:1', 'clean'],
  ])
})

it('delivers messages without ever saying that the offline ones are over', async () => {
  await using network = await nextNetwork()
  const owner = await network.phone('owner')
  const alice = await network.phone('alice')
  await using client = await linkedClient(network, owner)
  await network.faults.drop(owner)
  await client.closed()
  await network.faults.withholdOffline(owner, true)
  const id = await alice.says('while away', { to: owner })
  client.connect()
  await client.opened()
  expect((await network.messageWhen(id, ({ settlements }) => settlements === 1)).deliveries).toBe(1)
  expect(client.received.map(({ key }) => key.id)).not.toContain(id)
})
