import { describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { startLinkedStory } from '../support/story.ts'

describe('a message to a list of people', () => {
  it.each(['lid', 'pn'] as const)(
    'is its author’s direct message, who is by %s, and is answered there',
    async addressedBy => {
      await using story = await startLinkedStory()
      const { network, client, owner } = story
      const alice = await network.phone('alice')
      await client.bindings.create.mutate({ agent: 'echo', match_rule: { chat_type: 'direct' } })
      using messages = followMessages(client)
      const list = { to: owner, broadcastList: '1718000000', addressedBy }
      const id = await alice.says('to all of you', list)
      await alice.hears('to all of you', { from: owner })
      const { data } = await messages.until(({ data: each }) => each.text === 'to all of you')
      expect(data).toMatchObject({ from: alice.phone, chat: alice.phone, group: null, kind: 'text' })
      const author = addressedBy === 'lid' ? `${alice.lid}@lid` : `${alice.phone.slice(1)}@s.whatsapp.net`
      const { receiptsTo, retries } = await network.messageWhen(id, ({ reads }) => reads > 0)
      expect([new Set(receiptsTo), retries]).toEqual([new Set([`1718000000@broadcast ${author}`]), 0])

      const again = await alice.says('once more', { ...list, garbled: 1 })
      await alice.hears('once more', { from: owner })
      expect((await network.message(again)).retries).toBe(1)
    },
  )
})

describe('what is shown once, and by the phone only', () => {
  it.each(['view_once', 'view_once_unavailable_fanout'])(
    'stands in the conversation, asks nobody and is not asked for: %s',
    async unavailable => {
      await using story = await startLinkedStory()
      const { network, client, host, owner } = story
      const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
      const team = await network.group('Team', [owner, alice, bob])
      await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
      using messages = followMessages(client)
      for (const to of [owner, team]) {
        const id = await alice.says('a look', { to, unavailable })
        const { data } = await messages.until(
          ({ data: each }) => each.kind === 'view_once' && (each.group !== null) === (to === team),
        )
        expect(data).toMatchObject({ outcome: 'ignored: view_once_on_phone', text: null, from: alice.phone })
        expect(await client.bindings.explain.query({ message_id: data.id })).toMatchObject({
          outcome: 'ignored',
          reason: 'view_once_on_phone',
        })
        expect(await network.message(id)).toMatchObject({ placeholders: 0, retries: 0, settlements: 1 })
      }
      const metrics = await (
        await fetch(`${host.url}/api/v1/metrics`, { headers: { authorization: `Bearer ${host.token}` } })
      ).text()
      expect(metrics).toMatch(/messages_ignored_total\{[^}]*reason="view_once_on_phone"[^}]*\} 2/)
      expect(metrics).not.toMatch(/messages_undecryptable_total\{[^}]*\} [1-9]/)
    },
  )
})
