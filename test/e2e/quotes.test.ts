import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import type { WireMessage } from '../../plugin/contract/api.ts'
import { followMessages } from '../support/events.ts'
import { PNG } from '../support/samples.ts'
import { startLinkedStory, type Story } from '../support/story.ts'

const arrived = async ({ client }: Story, text: string): Promise<WireMessage> => {
  using messages = followMessages(client)
  return (await messages.until(({ data }) => data.text === text && data.direction === 'inbound')).data
}

/** The message of that text as it is listed by now. */
const listed = async ({ client }: Story, text: string): Promise<WireMessage | undefined> =>
  (await client.whatsapp.messages.list.query({ limit: 50 })).messages.find(
    each => each.text === text && each.direction === 'inbound',
  )

describe('somebody quotes', () => {
  it('a picture that no agent was asked about, without any of it: the agent that is asked has the picture', async () => {
    await using story = await startLinkedStory({ network: { media: true } })
    const { network, client, owner } = story
    const [alice, bob] = [await network.phone('alice'), await network.phone('bob')]
    const team = await network.group('Team', [owner, alice, bob])
    await client.bindings.create.mutate({ agent: 'echo', match_rule: { text_regex: '^what is this' } })
    const picture = await alice.sendsFile(
      { kind: 'image', mime: 'image/png', bytes: PNG, caption: 'look' },
      { to: team },
    )
    await arrived(story, 'look')
    await bob.says('what is this?', { to: team, quotes: picture.id, quoteBody: 'none' })
    await bob.hears('what is this?', { from: owner })

    const kept = await listed(story, 'look')
    expect(kept).toMatchObject({ outcome: 'unmatched: no_binding' })
    expect((await listed(story, 'what is this?'))?.quoted).toMatchObject({
      message_id: kept?.id,
      from: alice.phone,
      kind: 'media',
      text: 'look',
      media: [{ kind: 'image', mime: 'image/png', size: PNG.length, problem: null }],
      claimed: false,
    })
  })

  it.each(['lid', 'pn'] as const)(
    'what we said, and lies about it; each kind of message may, addressed by %s',
    async addressedBy => {
      await using story = await startLinkedStory({ network: { media: true } })
      const { network, client, owner } = story
      const alice = await network.phone('alice')
      await client.bindings.create.mutate({ agent: 'echo', match_rule: { text_regex: '^hello$' } })
      await alice.says('hello', { to: owner, addressedBy })
      const reply = await alice.hears('hello', { from: owner })
      const about = { to: owner, addressedBy, quotes: reply.id, quoteBody: { claimed: 'you get your money back' } }
      await alice.says('a text', about)
      await alice.sendsFile({ kind: 'document', mime: 'text/csv', bytes: Buffer.from('a,b'), caption: 'a file' }, about)
      const poll = { pollCreationMessageV3: { name: 'a poll', options: [{ optionName: 'yes' }] } }
      await alice.sends(proto.Message.encode(poll).finish(), about)
      for (const text of ['a text', 'a file', 'a poll']) {
        const { quoted } = await arrived(story, text)
        expect(quoted).toMatchObject({ from: owner.phone, kind: 'text', text: 'hello', claimed: false })
        expect(quoted?.message_id).toMatch(/^msg_/)
      }
      await alice.says('a tale', { ...about, quotes: await alice.says('unread', { to: alice }) })
      expect((await arrived(story, 'a tale')).quoted).toMatchObject({
        message_id: null,
        from: alice.phone,
        text: 'you get your money back',
        claimed: true,
      })
    },
  )
})
