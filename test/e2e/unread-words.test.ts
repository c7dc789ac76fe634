import { describe, expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { shared } from '../support/shared.ts'
import { startLinkedStory } from '../support/story.ts'

const sumOf = (metrics: string, line: RegExp): number =>
  [...metrics.matchAll(line)].reduce((sum, [, value]) => sum + Number(value), 0)

const story = shared(() => startLinkedStory())

describe('a message to a list of people', () => {
  it.each(['lid', 'pn'] as const)(
    'is its author’s direct message, who is by %s, and is answered there',
    async addressedBy => {
      const { network, client, owner } = story()
      const alice = await network.phone(`alice by ${addressedBy}`)
      await client.bindings.create.mutate({ agent: 'echo', match_rule: { chat_type: 'direct', from: alice.phone } })
      using messages = followMessages(client)
      const list = { to: owner, broadcastList: '1718000000', addressedBy }
      const id = await alice.says('to all of you', list)
      await alice.hears('to all of you', { from: owner })
      const { data } = await messages.until(
        ({ data: each }) => each.text === 'to all of you' && each.chat === alice.phone,
      )
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
      const { network, client, host, owner } = story()
      const [alice, bob] = [await network.phone(`alice of ${unavailable}`), await network.phone('bob')]
      const team = await network.group('Team', [owner, alice, bob])
      await client.bindings.create.mutate({ agent: 'echo', match_rule: { from: alice.phone } })
      const counted = async (): Promise<[onPhone: number, undecryptable: number]> => {
        const { body } = await host.request('GET', '/api/v1/metrics')
        return [
          sumOf(String(body), /^whatsapp_messages_ignored_total\{.*reason="view_once_on_phone".*\} (\d+)$/gm),
          sumOf(String(body), /^whatsapp_messages_undecryptable_total\{.*\} (\d+)$/gm),
        ]
      }
      const [onPhone, undecryptable] = await counted()
      using messages = followMessages(client)
      for (const to of [owner, team]) {
        const id = await alice.says('a look', { to, unavailable })
        const { data } = await messages.until(
          ({ data: each }) =>
            each.kind === 'view_once' && each.from === alice.phone && (each.group !== null) === (to === team),
        )
        expect(data).toMatchObject({ outcome: 'ignored: view_once_on_phone', text: null, from: alice.phone })
        expect(await client.bindings.explain.query({ message_id: data.id })).toMatchObject({
          outcome: 'ignored',
          reason: 'view_once_on_phone',
        })
        expect(await network.message(id)).toMatchObject({ placeholders: 0, retries: 0, settlements: 1 })
      }
      expect(await counted()).toEqual([onPhone + 2, undecryptable])
    },
  )
})
