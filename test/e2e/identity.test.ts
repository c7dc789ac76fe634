import { afterEach, describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { shared } from '../support/shared.ts'
import { startLinkedStory } from '../support/story.ts'

const story = shared(() => startLinkedStory())

/** Of one test nothing is left over for the next that answers anybody; people are others in each. */
afterEach(async () => {
  const { network, client } = story()
  await network.behaves({ contact_query: 'answered' })
  for (const { id } of (await client.bindings.list.query()).bindings) await client.bindings.delete.mutate({ id })
})

describe('a binding that names a phone', () => {
  it('takes the same person under either address, in a chat of two and in groups of both modes', async () => {
    const { network, client, owner } = story()
    const alice = await network.phone('alice')
    const bob = await network.phone('bob')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })

    await alice.says('by number', { to: owner, addressedBy: 'pn' })
    await alice.hears('by number', { from: owner })
    await alice.says('by lid', { to: owner, addressedBy: 'lid' })
    await alice.hears('by lid', { from: owner })

    for (const addressingMode of ['lid', 'pn'] as const) {
      const group = await network.group(`team ${addressingMode}`, [owner, alice, bob], { addressingMode })
      await alice.says(`in ${addressingMode}`, { to: group })
      await bob.hears(`in ${addressingMode}`, { from: owner })
    }
    using messages = followMessages(client)
    await bob.says('not for me', { to: owner })
    const unmatched = await messages.until(({ data }) => data.text === 'not for me')
    expect(unmatched.data).toMatchObject({ outcome: 'unmatched: no_binding', from: bob.phone })
  })

  it('waits for a person whose phone is not known yet, and answers when it is', async () => {
    const { network, client, owner } = story()
    const carol = await network.phone('carol')
    // Otherwise it says under which LID she has that number as soon as a rule names it.
    await network.behaves({ contact_query: 'nonsense' })
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: carol.phone } })
    await client.bindings.create.mutate({ agent: 'default', match_rule: {} })
    using messages = followMessages(client)

    await carol.says('who am I', { to: owner, addressedBy: 'lid', revealAlternate: false })
    const unknown = await messages.until(({ data }) => data.text === 'who am I')
    expect(unknown.data).toMatchObject({ outcome: 'unmatched: identity_unknown', from: `lid:${carol.lid}` })

    await carol.says('it is me', { to: owner, addressedBy: 'lid', revealAlternate: true })
    await carol.hears('who am I', { from: owner })
    await carol.hears('it is me', { from: owner })
  })
})

describe('a binding that names a group', () => {
  it('takes it by its id, or by who writes there', async () => {
    const { network, client, owner } = story()
    const alice = await network.phone('alice of the team')
    const bob = await network.phone('bob of the team')
    const team = await network.group('team', [owner, alice, bob])
    const other = await network.group('other', [owner, alice, bob])
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { group: team.id } })
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { group: alice.phone } })
    using messages = followMessages(client)

    await bob.says('to the team', { to: team })
    await alice.hears('to the team', { from: owner })
    await bob.says('elsewhere', { to: other })
    await messages.until(({ data }) => data.text === 'elsewhere' && data.outcome === 'unmatched: no_binding')
    await alice.says('alice elsewhere', { to: other })
    await bob.hears('alice elsewhere', { from: owner })
    await alice.says('alice alone', { to: owner })
    await alice.hears('alice alone', { from: owner })
  })
})

it('what the linked number itself writes starts no turn', async () => {
  const { network, client, owner } = story()
  const [alice, bob] = [await network.phone('alice who is written to'), await network.phone('bob who asks')]
  await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
  using messages = followMessages(client)
  await owner.types('I write this myself', { to: alice })
  const own = await messages.until(({ data }) => data.text === 'I write this myself')
  expect(own.data.outcome).toBe('ignored: own')
  await bob.says('and I ask', { to: owner })
  await bob.hears('and I ask', { from: owner })
  const heard = (await alice.heard()).filter(({ text }) => text === 'I write this myself')
  expect(heard).toHaveLength(1)
})
