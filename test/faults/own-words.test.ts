import { describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { startLinkedStory } from '../support/story.ts'

const SENT = 'our *own* words'

describe('F41, F42: what the linked number itself says', () => {
  it('is no turn: an echo of our send under its id, under another id, and in other letters', async () => {
    await using story = await startLinkedStory()
    const { network, client, owner } = story
    const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
    const team = await network.group('Team', [owner, alice])
    await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    using messages = followMessages(client)
    await client.whatsapp.send.mutate({ to: alice.phone, text: SENT })
    const { id } = await alice.hears(SENT, { from: owner })

    await owner.types(SENT, { to: alice, id })
    await owner.types(SENT, { to: alice })
    await owner.types('our own words', { to: alice, addressedBy: 'pn' })
    await owner.types('Our OWN words', { to: team })
    await owner.types('a note to myself', { to: owner })
    // The owner has taken the chat with Alice over.
    await bob.says('and you?', { to: owner })
    await bob.hears('and you?', { from: owner })
    for (const text of ['our own words', 'Our OWN words', 'a note to myself']) {
      await messages.until(({ data }) => data.text === text)
    }
    await messages.until(({ data }) => data.text === SENT && data.direction === 'inbound')

    const inbound = messages.seen.map(({ data }) => data).filter(({ direction }) => direction === 'inbound')
    expect(inbound.filter(({ text }) => text !== 'and you?').map(({ outcome }) => outcome)).toEqual(
      Array.from({ length: inbound.length - 1 }, () => 'ignored: own'),
    )
    const said = (await alice.heard()).filter(({ from }) => from.name === owner.name && from.device !== 0)
    expect(said.map(({ text }) => text)).toEqual([SENT])
    expect((await client.turns.list.query({})).turns).toMatchObject([{ agent: 'echo' }])
  })
})
