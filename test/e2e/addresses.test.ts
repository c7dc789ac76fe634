import { expect, it } from 'vitest'

import type { PhoneCharacter, RunningNetwork } from '../support/network.ts'
import { startLinkedStory } from '../support/story.ts'

/** What the phone heard of the account, and at which addresses each message was written to it. */
async function wireOf(network: RunningNetwork, phone: PhoneCharacter, owner: PhoneCharacter) {
  const heard = (await phone.heard()).filter(({ from }) => from.name === owner.name)
  const records = await Promise.all(heard.map(({ id }) => network.message(id)))
  return heard.map(({ text }, index) => [text, ...(records[index]?.addressed.map(({ to }) => to) ?? [])])
}

it('whatever address WhatsApp takes for whom, every reply arrives, at most twice on the wire, and nobody else waits', async () => {
  await using story = await startLinkedStory({ host: { env: { WHATSAPP_PACING: 'on' } } })
  const { network, client, owner } = story
  const names = ['alice', 'bob', 'carol', 'dave', 'erin']
  const [alice, bob, carol, dave, erin] = (await Promise.all(names.map(name => network.phone(name)))) as [
    PhoneCharacter,
    PhoneCharacter,
    PhoneCharacter,
    PhoneCharacter,
    PhoneCharacter,
  ]
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  // By number, as in OpenWA#717; at the LID, as in whatsapp-mcp-extended#67.
  await network.behaves({ refused_addresses: { alice: 'pn', bob: 'lid' }, usernames: { carol: 'carol.w' } })
  const say = async (): Promise<void> => {
    await alice.says('by lid', { to: owner, addressedBy: 'lid' })
    await bob.says('by lid too', { to: owner, addressedBy: 'lid' })
    await carol.says('by lid alone', { to: owner, addressedBy: 'lid' })
    await dave.says('by number', { to: owner, addressedBy: 'pn', revealAlternate: false })
    await erin.says('by both', { to: owner, addressedBy: 'pn' })
  }
  await say()
  const others = await client.whatsapp.send.mutate({ to: erin.phone, text: 'from an operator' })
  const within = { from: owner, withinMs: 30_000 }
  await alice.hears('by lid', within)
  await carol.hears('by lid alone', within)
  await dave.hears('by number', within)
  await erin.hears('by both', within)
  await erin.hears('from an operator', within)
  await bob.hears('by lid too', within)
  expect(await client.whatsapp.sends.get.query({ id: others.id })).toMatchObject({ earliest_at: null })
  expect(await wireOf(network, alice, owner)).toEqual([['by lid', 'lid']])
  expect(await wireOf(network, bob, owner)).toEqual([['by lid too', 'lid', 'pn']])
  expect(await wireOf(network, carol, owner)).toEqual([['by lid alone', 'lid']])
  expect(await wireOf(network, dave, owner)).toEqual([['by number', 'pn']])
  const toErin = await wireOf(network, erin, owner)
  expect(toErin.toSorted((one, other) => String(one).localeCompare(String(other)))).toEqual([
    ['by both', 'pn'],
    ['from an operator', 'pn'],
  ])
  // What worked is known for the next one.
  await bob.says('once more', { to: owner, addressedBy: 'lid' })
  await bob.hears('once more', within)
  expect((await wireOf(network, bob, owner)).at(-1)).toEqual(['once more', 'pn'])
}, 120_000)
