import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import type { SendRequest } from '../../plugin/contract/api/sends.ts'
import { followMessages } from '../support/events.ts'
import type { GroupCharacter, Heard, PhoneCharacter } from '../support/network.ts'
import { startLinkedStory } from '../support/story.ts'

type Mode = 'lid' | 'pn'
const contentOf = ({ content }: Heard) => proto.Message.decode(Buffer.from(content, 'base64'))
const jidOf = ({ lid, phone }: PhoneCharacter, mode: Mode): string =>
  mode === 'lid' ? `${lid}@lid` : `${phone.slice(1)}@s.whatsapp.net`

describe.each([
  ['direct', 'lid'],
  ['direct', 'pn'],
  ['group', 'lid'],
  ['group', 'pn'],
] as const)('in a %s chat, addressed by %s,', (place, mode) => {
  it('what we say about a message names it by the key that it came with, whoever of us wrote it', async () => {
    await using story = await startLinkedStory()
    const { network, client, owner } = story
    const alice = await network.phone('alice')
    const team = await network.group('Team', [owner, alice], { addressingMode: mode })
    using messages = followMessages(client)
    const idOf = async (text: string): Promise<string> =>
      (await messages.until(({ data }) => data.text === text)).data.id
    const send = async (wording: Omit<SendRequest, 'to'>): Promise<unknown> =>
      client.whatsapp.send.mutate({ to: place === 'direct' ? alice.phone : team.id, ...wording } as SendRequest)
    const toUs = (): PhoneCharacter | GroupCharacter => (place === 'direct' ? owner : team)
    const fromUs = (): PhoneCharacter | GroupCharacter => (place === 'direct' ? alice : team)
    const heard = async (fits: (message: proto.Message) => unknown): Promise<proto.Message> =>
      contentOf(await alice.hears(each => Boolean(fits(contentOf(each))), { from: owner }))
    const chat = place === 'direct' ? jidOf(alice, mode) : team.id

    const theirs = await alice.says('from alice', { to: toUs(), addressedBy: mode })
    const ours = await owner.says('from the phone', { to: fromUs(), addressedBy: mode })
    // Where they write from now says nothing of what they wrote before.
    const other = mode === 'lid' ? 'pn' : 'lid'
    if (place === 'direct') {
      await alice.says('from elsewhere', { to: owner, addressedBy: other })
      await idOf('from elsewhere')
    }
    for (const [text, stanzaId, author] of [
      ['from alice', theirs, alice],
      ['from the phone', ours, owner],
    ] as const) {
      const id = await idOf(text)
      await send({ reaction: { message_id: id, emoji: '👍' } })
      const reaction = await heard(({ reactionMessage }) => reactionMessage?.key?.id === stanzaId)
      expect(reaction.reactionMessage?.key).toMatchObject({
        remoteJid: chat,
        fromMe: author === owner,
        participant: place === 'group' ? jidOf(author, mode) : null,
      })
      await send({ text: `answers ${text}`, reply_to: id })
      const quote = await heard(({ extendedTextMessage }) => extendedTextMessage?.text === `answers ${text}`)
      expect(quote.extendedTextMessage?.contextInfo).toMatchObject({ stanzaId, participant: jidOf(author, mode) })
    }
  })
})
