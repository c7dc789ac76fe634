import { proto } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import type { SendRequest } from '../../plugin/contract/api/sends.ts'
import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import type { GroupCharacter, Heard, PhoneCharacter } from '../support/network.ts'
import { followMessages } from '../support/events.ts'
import { PNG } from '../support/samples.ts'
import { shared } from '../support/shared.ts'
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

const linked = shared(() => startLinkedStory({ network: { media: true } }))

it.each(['direct', 'group'] as const)(
  'what is sent in a %s chat carries its timer, whoever set it and how, also after a restart, until it is switched off',
  async place => {
    const { network, owner, host, clientOf } = linked()
    let client = clientOf(host.token)
    const alice = await network.phone(`alice of the ${place}`)
    const team = await network.group(`Team of the ${place}`, [owner, alice])
    const [here, to]: [PhoneCharacter | GroupCharacter, string] =
      place === 'direct' ? [owner, alice.phone] : [team, team.id]
    const heard = (text: string): Promise<Heard> => alice.hears(text, { from: owner })
    const arrived = async (text: string): Promise<string> => {
      using messages = followMessages(client)
      const isIt = ({ data }: { data: WireMessage }) =>
        data.text === text && data.from === alice.phone && data.direction === 'inbound'
      return (await messages.until(isIt)).data.id
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
    client = clientOf(host.token)
    await say({ text: 'still' })
    expect((await heard('still')).expiration).toBe(DAY_S)

    await alice.setsTimer(0, here)
    await alice.says('no more', { to: here })
    await arrived('no more')
    await say({ text: 'it stays again' })
    expect((await heard('it stays again')).expiration).toBeNull()
  },
)

/** Linked to a phone on which the timers of both chats were set before. */
const linkedLater = shared(async () => {
  const story = await startStory()
  const { network } = story
  const [owner, alice] = [await network.phone('owner'), await network.phone('alice')]
  const team = await network.group('Team', [owner, alice])
  for (const chat of [owner, team]) await alice.setsTimer(DAY_S, chat)
  await story.link(owner)
  return { ...story, owner, alice, team }
})

it.each(['direct', 'group'] as const)(
  'the timer of a %s chat that was set before the phone was linked is known, though nobody has said anything since',
  async place => {
    const { client, owner, alice, team } = linkedLater()
    const to = place === 'direct' ? alice.phone : team.id
    // Nothing tells when a history has been read.
    const carried = async (): Promise<number | null> => {
      const text = `hello, ${place}`
      await client.whatsapp.send.mutate({ to, text } as SendRequest)
      return (await alice.hears(text, { from: owner })).expiration
    }
    await expect.poll(carried, { timeout: 20_000 }).toBe(DAY_S)
  },
)
