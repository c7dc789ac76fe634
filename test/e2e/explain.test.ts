import { describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'

const { nextLinkedStory } = storiesInTurn()

describe('who answers', () => {
  it('is told with every clause of every rule, before a message comes and after it has', async () => {
    await using story = await nextLinkedStory()
    const { network, client, owner } = story
    const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
    const team = await network.group('Team', [owner, alice, bob])
    const create = async (match_rule: object) => (await client.bindings.create.mutate({ agent: 'echo', match_rule })).id
    const fromBob = await create({ from: bob.phone })
    const deploys = await create({ from: alice.phone, text_regex: 'deploy +\\w+', chat_type: 'direct' })
    const mentions = await create({ group: team.id, mentioned: true })
    const resting = await create({})
    await client.bindings.update.mutate({ id: resting, enabled: false })

    await alice.says('please deploy api now', { to: owner })
    await alice.hears('please deploy api now', { from: owner })
    using messages = followMessages(client)
    const { data } = await messages.until(({ data: each }) => each.text === 'please deploy api now')
    expect(data.binding_id).toBe(deploys)
    const explained = await client.bindings.explain.query({ message_id: data.id })
    expect(explained).toMatchObject({ outcome: 'matched', reason: null, binding_id: deploys })
    expect(explained.bindings.map(({ id, verdict }) => [id, verdict])).toEqual([
      [fromBob, 'fails'],
      [deploys, 'holds'],
      [mentions, 'fails'],
      [resting, 'disabled'],
    ])
    expect(explained.bindings[1]?.clauses).toEqual([
      { key: 'from', wanted: alice.phone, found: `${alice.phone} lid:${alice.lid}`, held: 'yes' },
      { key: 'text_regex', wanted: 'deploy +\\w+', found: 'deploy api', held: 'yes' },
      { key: 'chat_type', wanted: 'direct', found: 'direct', held: 'yes' },
    ])

    await client.bindings.reorder.mutate({ order: [resting, mentions, deploys, fromBob] })
    await client.bindings.update.mutate({ id: deploys, match_rule: { text_regex: 'never' } })
    // What was decided then stays explained as it was decided.
    expect(await client.whatsapp.messages.trace.query({ id: data.id })).toEqual(explained)
    expect(await client.bindings.explain.query({ message_id: data.id })).toMatchObject({ outcome: 'unmatched' })

    const message = { from: alice.phone, group: team.id, text: 'deploy api' }
    expect(await client.bindings.explain.query({ message })).toMatchObject({
      outcome: 'unmatched',
      reason: 'no_binding',
    })
    const mentioned = await client.bindings.explain.query({ message: { ...message, mentioned: true } })
    expect(mentioned).toMatchObject({ outcome: 'matched', binding_id: mentions })
    await alice.says('deploy api, please', { to: team, mentions: [owner] })
    const answered = await messages.until(({ data: each }) => each.text === 'deploy api, please')
    expect(answered.data.binding_id).toBe(mentions)
    const trace = await client.whatsapp.messages.trace.query({ id: answered.data.id })
    expect(trace).toMatchObject({ outcome: 'matched', binding_id: mentions })
    const stranger = await client.bindings.explain.query({ message: { from: 'lid:424242424242', text: 'hi' } })
    expect(stranger).toMatchObject({ outcome: 'unmatched', reason: 'identity_unknown' })
  })

  it('is asked again of a message that nobody answered, once', async () => {
    await using story = await nextLinkedStory()
    const { network, client, owner } = story
    const alice = await network.phone('alice')
    await alice.says('anybody there?', { to: owner })
    using messages = followMessages(client)
    const { data } = await messages.until(({ data: each }) => each.text === 'anybody there?')
    expect(data.outcome).toBe('unmatched: no_binding')
    const replay = () => client.bindings.replay.mutate({ message_id: data.id })
    expect(await replay()).toEqual({ outcome: 'unmatched: no_binding', binding_id: null })
    const { id } = await client.bindings.create.mutate({ agent: 'echo', match_rule: { chat_type: 'direct' } })
    expect(await replay()).toEqual({ outcome: 'matched', binding_id: id })
    await alice.hears('anybody there?', { from: owner })
    const again = await replay().catch((error: unknown) => JSON.stringify(error))
    expect(again).toContain('message_not_unmatched')
  })
})
