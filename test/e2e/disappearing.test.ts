import { proto } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import type { SendRequest } from '../../plugin/contract/api-send.ts'
import type { GroupCharacter, Heard, PhoneCharacter } from '../support/network.ts'
import { followMessages } from '../support/events.ts'
import { PNG } from '../support/samples.ts'
import { startLinkedStory, startStory } from '../support/story.ts'

const DAY_S = 86_400
const WORDINGS: readonly Omit<SendRequest, 'to'>[] = [
  { text: 'a text' },
  { media: { kind: 'image', data: PNG.toString('base64'), caption: 'a picture' } },
  { media: { kind: 'document', data: Buffer.from('a,b').toString('base64'), mime: 'text/csv', caption: 'a file' } },
  { poll: { question: 'Lunch?', options: ['Soup', 'Salad'], select: 1 } },
  { contact: { name: 'On call', phone: '+972500000077' } },
  { location: { latitude: 1, longitude: 2 } },
]

it.each(['direct', 'group'] as const)(
  'what is sent in a %s chat carries its timer, whoever set it and how, also after a restart, until it is switched off',
  async place => {
    await using story = await startLinkedStory({ network: { media: true } })
    const { network, owner, host } = story
    let { client } = story
    const alice = await network.phone('alice')
    const team = await network.group('Team', [owner, alice])
    const [here, to]: [PhoneCharacter | GroupCharacter, string] =
      place === 'direct' ? [owner, alice.phone] : [team, team.id]
    const heard = (text: string): Promise<Heard> => alice.hears(text, { from: owner })
    const arrived = async (text: string): Promise<string> => {
      using messages = followMessages(client)
      return (await messages.until(({ data }) => data.text === text && data.direction === 'inbound')).data.id
    }
    const say = (wording: Omit<SendRequest, 'to'>) => client.whatsapp.send.mutate({ to, ...wording } as SendRequest)

    await alice.says('hello', { to: here })
    await arrived('hello')
    await say({ text: 'it stays' })
    expect((await heard('it stays')).expiration).toBeNull()

    await alice.setsTimer(DAY_S, here)
    await alice.says('now', { to: here })
    const message = await arrived('now')
    for (const wording of WORDINGS) {
      await say(wording)
      const { content, expiration } = await alice.hears(({ kind }) => kind !== 'reaction', { from: owner })
      expect([Object.keys(proto.Message.decode(Buffer.from(content, 'base64'))), expiration]).toEqual([
        expect.anything(),
        DAY_S,
      ])
    }
    await say({ reaction: { message_id: message, emoji: '👍' } })
    expect((await alice.hears(({ kind }) => kind === 'reaction', { from: owner })).expiration).toBeNull()

    await host.kill('SIGKILL')
    await host.restart()
    client = story.clientOf(host.token)
    await say({ text: 'still' })
    expect((await heard('still')).expiration).toBe(DAY_S)

    await alice.setsTimer(0, here)
    await alice.says('no more', { to: here })
    await arrived('no more')
    await say({ text: 'it stays again' })
    expect((await heard('it stays again')).expiration).toBeNull()
  },
)

it.each(['direct', 'group'] as const)(
  'the timer of a %s chat that was set before the phone was linked is known, though nobody has said anything since',
  async place => {
    await using story = await startStory()
    const { network, client } = story
    const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
    const team = await network.group('Team', [owner, alice])
    const [here, to] = place === 'direct' ? [owner, alice.phone] : [team, team.id]
    await alice.setsTimer(DAY_S, here)
    await story.link(owner)
    // Nothing tells when a history has been read.
    const carried = async (): Promise<number | null> => {
      await client.whatsapp.send.mutate({ to, text: 'hello' } as SendRequest)
      return (await alice.hears('hello', { from: owner })).expiration
    }
    await expect.poll(carried, { timeout: 20_000 }).toBe(DAY_S)
  },
)
