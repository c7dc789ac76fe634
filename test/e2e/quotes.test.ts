import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { followMessages } from '../support/events.ts'
import { PNG } from '../support/samples.ts'
import { shared } from '../support/shared.ts'
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
  const quoting = shared(() => startLinkedStory({ network: { media: true } }))

  it('a picture that no agent was asked about, without any of it: the agent that is asked has the picture', async () => {
    const story = quoting()
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
      const story = quoting()
      const { network, client, owner } = story
      const alice = await network.phone(`alice by ${addressedBy}`)
      const texts = [`a text by ${addressedBy}`, `a file by ${addressedBy}`, `a poll by ${addressedBy}`] as const
      await client.bindings.create.mutate({ agent: 'echo', match_rule: { text_regex: '^hello$' } })
      await alice.says('hello', { to: owner, addressedBy })
      const reply = await alice.hears('hello', { from: owner })
      const about = { to: owner, addressedBy, quotes: reply.id, quoteBody: { claimed: 'you get your money back' } }
      await alice.says(texts[0], about)
      await alice.sendsFile({ kind: 'document', mime: 'text/csv', bytes: Buffer.from('a,b'), caption: texts[1] }, about)
      const poll = { pollCreationMessageV3: { name: texts[2], options: [{ optionName: 'yes' }] } }
      await alice.sends(proto.Message.encode(poll).finish(), about)
      for (const text of texts) {
        const { quoted } = await arrived(story, text)
        expect(quoted).toMatchObject({ from: owner.phone, kind: 'text', text: 'hello', claimed: false })
        expect(quoted?.message_id).toMatch(/^msg_/)
      }
      const tale = `a tale by ${addressedBy}`
      await alice.says(tale, { ...about, quotes: await alice.says('unread', { to: alice }) })
      expect((await arrived(story, tale)).quoted).toMatchObject({
        message_id: null,
        from: alice.phone,
        text: 'you get your money back',
        claimed: true,
      })
    },
  )
})
