import { expect, it } from 'vitest'

import { linkedClient, type BareClient } from '../support/network-client.ts'
import type { PhoneCharacter, RunningNetwork } from '../support/network.ts'
import { networksInTurn } from '../support/places-in-turn.ts'

const nextNetwork = networksInTurn()

const lidOf = ({ lid }: PhoneCharacter): string => `${lid}@lid`
const numberOf = ({ phone }: PhoneCharacter): string => `${phone.slice(1)}@s.whatsapp.net`

/** What the network says to a text of the client. */
async function wordTo(network: RunningNetwork, client: BareClient, jid: string): Promise<string | undefined> {
  const sent = await client.socket.sendMessage(jid, { text: 'hello' })
  const { acks } = await network.messageWhen(sent?.key.id ?? '', record => record.acks.length > 0)
  return acks[0]
}

it('refuses what stock Baileys answers by number, or at the LID, of whom it is told to', async () => {
  await using network = await nextNetwork()
  const [owner, alice, bob] = [await network.phone('owner'), await network.phone('alice'), await network.phone('bob')]
  await using client = await linkedClient(network, owner)
  await network.behaves({ refused_addresses: { alice: 'pn', '*': 'lid' } })
  expect(await wordTo(network, client, numberOf(alice))).toBe('463')
  expect(await wordTo(network, client, lidOf(alice))).toBe('ok')
  expect(await wordTo(network, client, lidOf(bob))).toBe('463')
  expect(await wordTo(network, client, numberOf(bob))).toBe('ok')
})

it('has a token of whoever writes come when stock Baileys has given up: its reply is lost, and the next is not', async () => {
  await using network = await nextNetwork()
  const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
  await using client = await linkedClient(network, owner)
  await network.behaves({ token_required: true, token_comes_by: 'issuance' })
  await alice.says('hello', { to: owner })
  await client.receives(({ key }) => key.remoteJid === lidOf(alice))
  const lost = await client.socket.sendMessage(lidOf(alice), { text: 'lost' })
  const id = lost?.key.id ?? ''
  expect(await network.messageWhen(id, ({ acks }) => acks.length > 0)).toMatchObject({
    transmissions: 1,
    acks: ['463'],
  })
  await expect.poll(() => wordTo(network, client, lidOf(alice)), { timeout: 10_000 }).toBe('ok')
  expect((await network.message(id)).transmissions).toBe(1)
})

it('brings a token on a message that stock Baileys does not look at', async () => {
  await using network = await nextNetwork()
  const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
  await using client = await linkedClient(network, owner)
  await network.behaves({ token_required: true, token_comes_by: 'message' })
  await alice.says('hello', { to: owner })
  await client.receives(({ key }) => key.remoteJid === lidOf(alice))
  expect(await wordTo(network, client, lidOf(alice))).toBe('463')
})

it('tells a group that is written to in the mode that it had before, and takes no mixed addresses', async () => {
  await using network = await nextNetwork()
  const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
  const known = new Map<string, unknown>()
  const cachedGroupMetadata = (jid: string) => Promise.resolve(known.get(jid) as never)
  await using client = await linkedClient(network, owner, { cachedGroupMetadata })
  const team = await network.group('Team', [owner, alice])
  known.set(team.id, await client.socket.groupMetadata(team.id))
  expect(await wordTo(network, client, team.id)).toBe('ok')
  await network.changeGroup(team, { addressingMode: 'pn' })
  expect(await wordTo(network, client, team.id)).toBe('421')

  const target = { tag: 'to', attrs: { jid: numberOf(alice) }, content: [] }
  const content = [{ tag: 'participants', attrs: {}, content: [target] }]
  await client.socket.sendNode({ tag: 'message', attrs: { id: 'MIXED', to: lidOf(alice), type: 'text' }, content })
  expect((await network.messageWhen('MIXED', ({ acks }) => acks.length > 0)).acks).toEqual(['400'])
})

it('shows nobody the number of whoever goes by a username', async () => {
  await using network = await nextNetwork()
  const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
  await using client = await linkedClient(network, owner)
  await network.behaves({ usernames: { alice: 'alice.a' } })
  await alice.says('hello', { to: owner })
  const { key } = await client.receives(message => message.key.remoteJid === lidOf(alice))
  expect(key.remoteJidAlt).toBeUndefined()
  expect(await wordTo(network, client, lidOf(alice))).toBe('ok')
  await alice.hears('hello')
})
