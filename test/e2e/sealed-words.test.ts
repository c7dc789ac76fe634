import { randomBytes } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { bytesOf, plainEdit, plainReaction } from '../support/sealed-plain.ts'
import { shared } from '../support/shared.ts'
import { startLinkedStory } from '../support/story.ts'

describe('words that are sealed with the secret of another message', () => {
  const story = shared(() => startLinkedStory())

  it('are answered and kept as what they say; those that cannot be opened are shown with the reason', async () => {
    const { network, client, owner } = story()
    const alice = await network.phone('alice')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })
    using messages = followMessages(client)
    const about = await alice.says('helo', { to: owner, withSecret: true })
    const first = await messages.until(({ data }) => data.text === 'helo')
    await alice.hears('helo', { from: owner })

    await alice.seals('message_edit', { about, plain: plainEdit(about, { conversation: 'hello' }) })
    const edit = await messages.until(({ data }) => data.outcome === 'ignored: edit')
    expect(edit.data).toMatchObject({ kind: 'text', text: 'hello' })
    const { messages: listed } = await client.whatsapp.messages.list.query({ limit: 50 })
    expect(listed.find(({ id }) => id === first.data.id)?.text).toBe('hello')

    await alice.seals('reaction', { about, plain: plainReaction('👍') })
    const reaction = await messages.until(({ data }) => data.kind === 'reaction' && data.chat === alice.phone)
    expect(reaction.data).toMatchObject({ outcome: 'ignored: reaction', details: { emoji: '👍' } })

    await alice.seals('comment', { about, plain: bytesOf({ conversation: 'what about noon?' }) })
    await alice.hears('what about noon?', { from: owner })

    await alice.seals('comment', { about, plain: bytesOf({ conversation: 'x' }), secret: randomBytes(32) })
    const forged = await messages.until(({ data }) => data.kind === 'sealed')
    expect(forged.data).toMatchObject({
      outcome: 'undecryptable: not_opened',
      details: { what: 'comment', reason: 'not_opened' },
    })
    const why = { outcome: 'ignored', reason: 'not_opened', binding_id: null }
    expect(await client.bindings.explain.query({ message_id: forged.data.id })).toMatchObject(why)
    expect(await client.whatsapp.messages.trace.query({ id: forged.data.id })).toMatchObject(why)
    await alice.says('last', { to: owner })
    await alice.hears('last', { from: owner })
    const answers = (await alice.heard()).filter(({ own }) => !own).map(({ text }) => text)
    expect(answers).toEqual(['helo', 'what about noon?', 'last'])
  })

  it('about an answer of ours are read, also when that had to be sent twice', async () => {
    const { network, client, owner } = story()
    const alice = await network.phone('alice of the tea')
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })
    using messages = followMessages(client)
    // What nobody has received may be lost: it goes out once more.
    await alice.goesOffline()
    await network.faults.send(owner, { ack: 'withhold', deliver: true })
    await alice.says('tea?', { to: owner })
    const { id: about } = await owner.hears(({ text, own }) => own && text === 'tea?')
    await network.faults.drop(owner)
    await network.messageWhen(about, record => record.transmissions === 2, 20_000)
    await alice.comesOnline()
    await alice.hears('tea?', { from: owner })
    // Each time on the phone of the other one and on our own.
    const { transmissions, secrets } = await network.messageWhen(about, record => record.secrets.length === 4)
    expect([transmissions, new Set(secrets).size]).toEqual([2, 1])
    expect(Buffer.from(secrets[0] ?? '', 'base64')).toHaveLength(32)

    await alice.seals('reaction', { about, plain: plainReaction('🍵') })
    const reaction = await messages.until(({ data }) => data.kind === 'reaction' && data.chat === alice.phone)
    expect(reaction.data).toMatchObject({ outcome: 'ignored: reaction', details: { emoji: '🍵' } })
    await alice.seals('comment', { about, plain: bytesOf({ conversation: 'with milk' }) })
    await alice.hears('with milk', { from: owner })
  })
})
