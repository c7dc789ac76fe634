import { proto } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { followMessages } from '../support/events.ts'
import { startLinkedStory } from '../support/story.ts'

const bytesOf = (message: proto.IMessage): Uint8Array => proto.Message.encode(message).finish()
const MIB = 2 ** 20

/** So many wrappers, of which phones make two or three. */
function nested(depth: number): proto.IMessage {
  let message: proto.IMessage = { conversation: 'deep' }
  for (let level = 0; level < depth; level += 1) message = { ephemeralMessage: { message } }
  return message
}

it('F45: what no phone would write has an outcome, and the next message is answered', async () => {
  await using story = await startLinkedStory()
  const { network, client, owner } = story
  const alice = await network.phone('alice')
  await client.bindings.create.mutate({ agent: 'default', match_rule: {} })
  using messages = followMessages(client)
  const cases: [string, proto.IMessage, string][] = [
    ['a text of nearly a megabyte', { conversation: 'x'.repeat(MIB - 100) }, 'text'],
    ['a text of 5 MB', { conversation: 'x'.repeat(5 * MIB) }, 'unsupported'],
    ['unseen and turned characters', { conversation: '\u202egnp.exe\u200b\u2066\u0007' }, 'text'],
    ['a NUL', { conversation: 'a\u0000b' }, 'text'],
    ['forty wrappers', nested(40), 'unsupported'],
    ['a wrapper around nothing', { viewOnceMessage: {} }, 'unsupported'],
    [
      'numbers that are none',
      { locationMessage: { degreesLatitude: Number.NaN, degreesLongitude: 1e9 } },
      'unsupported',
    ],
    ['a file of nothing', { imageMessage: { fileLength: -1, caption: 'none' } }, 'media'],
    ['a name that climbs', { documentMessage: { fileName: '../../../etc/passwd', caption: 'climb' } }, 'media'],
  ]
  for (const [index, [name, message, kind]] of cases.entries()) {
    const id = index % 2 === 0 ? `../../${index}/;drop` : undefined
    const sent = await alice.sends(bytesOf(message), { to: owner, ...(id !== undefined && { id }) })
    expect(sent.length, name).toBeGreaterThan(0)
    const text = `after ${name}`
    await alice.says(text, { to: owner })
    await messages.until(({ data }) => data.text === text && data.direction === 'inbound', 40_000)
    await alice.hears(({ own }) => !own, { from: owner, withinMs: 30_000 })
    const inbound = messages.seen.map(({ data }) => data).filter(({ direction }) => direction === 'inbound')
    expect([name, inbound.at(-2)?.kind]).toEqual([name, kind])
    expect([name, inbound.at(-2)?.outcome]).not.toEqual([name, ''])
  }
  const { messages: listed } = await client.whatsapp.messages.list.query({ limit: 50 })
  const climbing = listed.find(({ text }) => text === 'climb')
  expect(climbing?.media).toMatchObject([{ file_name: 'passwd' }])
})
