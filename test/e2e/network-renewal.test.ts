import { expect, it } from 'vitest'

import { linkedClient } from '../support/network-client.ts'
import { networksInTurn } from '../support/places-in-turn.ts'

const nextNetwork = networksInTurn()

it('stock Baileys fails for a person with devices behind one at WhatsApp itself, and keeps the key of a group that somebody left', async () => {
  await using network = await nextNetwork()
  const [owner, alice, bob] = [await network.phone('owner'), await network.phone('alice'), await network.phone('bob')]
  await using client = await linkedClient(network, owner)
  await alice.hostsDevice()
  await using _computer = await linkedClient(network, alice)
  const direct = client.socket.sendMessage(`${alice.phone.slice(1)}@s.whatsapp.net`, { text: 'direct' })
  await expect(direct).rejects.toThrow('item-not-found')
  expect([await alice.heard(), await alice.hostedHeard()]).toEqual([[], []])

  const team = await network.group('Team', [owner, bob])
  const first = await client.socket.sendMessage(team.id, { text: 'before' })
  await bob.hears('before')
  await network.changeGroup(team, { remove: [bob] })
  await network.ledgerWhen(page => page.queued['owner:1'] === 0)
  const second = await client.socket.sendMessage(team.id, { text: 'after' })
  await network.messageWhen(second?.key.id ?? '', ({ acks }) => acks.length === 1)
  expect(await bob.pries(second?.key.id ?? '')).toBe('after')
  expect(first?.key.id).not.toBe(second?.key.id)
})

it('says in the ack for which devices a chat is, when it is to: by itself, or when the sender named others', async () => {
  await using network = await nextNetwork()
  const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
  await using client = await linkedClient(network, owner)
  const acks: (string | undefined)[] = []
  client.socket.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) =>
    acks.push(attrs['phash']),
  )
  const say = async (text: string) => {
    const sent = await client.socket.sendMessage(`${alice.lid}@lid`, { text })
    await network.messageWhen(sent?.key.id ?? '', ({ acks: said }) => said.length === 1)
  }
  await say('never')
  await network.behaves({ ack_phash: 'differing' })
  await say('the same')
  await network.behaves({ ack_phash: 'always' })
  await say('always')
  await using computer = await linkedClient(network, alice)
  await network.behaves({ ack_phash: 'differing' })
  await say('another')
  expect(computer.received.filter(({ message }) => message?.extendedTextMessage)).toEqual([])
  expect(acks.map(hash => hash !== undefined)).toEqual([false, false, true, true])
  expect(acks[2]).not.toBe(acks[3])
})
