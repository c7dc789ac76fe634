import { describe, expect, it } from 'vitest'

import { storiesInTurn } from '../support/stories-in-turn.ts'

const { nextLinkedStory } = storiesInTurn()

describe('whoever writes to an agent', () => {
  it('sees that it was read, and that an agent that thinks is writing; the phone of the owner keeps ringing', async () => {
    await using story = await nextLinkedStory({ host: { env: { ECHO_DELAY_MS: '1500' } } })
    const { network, client, owner } = story
    const alice = await network.phone('alice')
    const team = await network.group('Team', [owner, alice])
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    for (const to of [owner, team]) {
      const before = (await network.ledger()).typing.length
      const id = await alice.says('think about it', { to })
      await network.ledgerWhen(({ typing }) => typing.slice(before).some(({ state }) => state === 'composing'))
      await network.messageWhen(id, ({ reads }) => reads > 0)
      await alice.hears('think about it', { from: owner })
      await network.ledgerWhen(({ typing }) => typing.slice(before).some(({ state }) => state === 'paused'))
    }
    await network.ledgerWhen(({ presences }) => presences.at(-1)?.type === 'unavailable')
  })

  it('learns of neither when the settings say so and the agent is quick', async () => {
    await using story = await nextLinkedStory()
    const { network, host, client, owner } = story
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    await host.writeSettings({ whatsapp: { read_receipts: 'off' } })
    await client.channels.reload.mutate()
    const id = await alice.says('quick', { to: owner })
    await alice.hears('quick', { from: owner })
    await alice.says('again', { to: owner })
    await alice.hears('again', { from: owner })
    expect((await network.message(id)).reads).toBe(0)
    expect((await network.ledger()).typing).toEqual([])
  })
})
