import { proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { SendRequest } from '../../plugin/contract/api/sends.ts'
import { followMessages } from '../support/events.ts'
import { KIND_ROWS } from '../support/kind-rows.ts'
import { startLinkedStory } from '../support/story.ts'
import type { GroupCharacter, Heard, PhoneCharacter } from '../support/network.ts'

type Wording = Omit<SendRequest, 'to'>

let story: Awaited<ReturnType<typeof startLinkedStory>>
let alice: PhoneCharacter
let team: GroupCharacter

beforeAll(async () => {
  story = await startLinkedStory()
  alice = await story.network.phone('alice')
  team = await story.network.group('Team', [story.owner, alice])
  for (const [place, to] of [['direct', story.owner] as const, ['group', team] as const]) {
    await alice.says(`hello in ${place}`, { to })
  }
})
afterAll(() => story[Symbol.asyncDispose]())

const messageOf = ({ content }: Heard) => proto.Message.decode(Buffer.from(content, 'base64'))

/** The id that the API gives to what alice said in a chat. */
async function idOf(place: string): Promise<string> {
  using messages = followMessages(story.client)
  const { data } = await messages.until(each => each.data.text === `hello in ${place}`)
  return data.id
}

it('every kind that goes out and is no file has its story here', () => {
  const told = ['`text`', '`location`', '`contact`', '`poll`', '`reaction`', '`edit`', '`delete`']
  const said = KIND_ROWS.flatMap(row => (row.said === null || row.said === '`media`' ? [] : row.said))
  expect(new Set(said)).toEqual(new Set(told))
})

describe.each(['direct', 'group'] as const)('in a %s chat', place => {
  const to = (): string => (place === 'direct' ? alice.phone : team.id)
  const send = async (wording: Wording) => story.client.whatsapp.send.mutate({ to: to(), ...wording } as SendRequest)
  const heard = async (fits: (message: proto.Message) => unknown): Promise<proto.Message> =>
    messageOf(await alice.hears(each => Boolean(fits(messageOf(each))), { from: story.owner }))

  it('a location, a contact and a poll are what they are on the phone', async () => {
    await send({ location: { latitude: 32.0853, longitude: 34.7818, name: 'Office', address: 'Main St 1' } })
    expect((await heard(({ locationMessage }) => locationMessage)).locationMessage).toMatchObject({
      degreesLatitude: 32.0853,
      degreesLongitude: 34.7818,
      name: 'Office',
      address: 'Main St 1',
    })
    await send({ contact: { name: 'On call', phone: '+972500000077' } })
    const { contactMessage } = await heard(message => message.contactMessage)
    expect(contactMessage?.vcard).toContain('waid=972500000077:+972500000077')
    await send({ poll: { question: 'Roll back?', options: ['yes', 'no'], select: 1 } })
    const poll = (await heard(message => message.pollCreationMessageV3)).pollCreationMessageV3
    expect(poll?.options?.map(({ optionName }) => optionName)).toEqual(['yes', 'no'])
  })

  it('a text answers a message, and mentions people', async () => {
    await send({ text: 'an answer', reply_to: await idOf(place) })
    const answer = (await heard(({ extendedTextMessage }) => extendedTextMessage?.text === 'an answer'))
      .extendedTextMessage
    expect(answer?.contextInfo?.quotedMessage?.conversation).toBe(`hello in ${place}`)
    await send({ text: `look, @${alice.phone}`, mentions: [alice.phone] })
    const mention = (await heard(({ extendedTextMessage }) => extendedTextMessage?.text?.startsWith('look')))
      .extendedTextMessage
    expect(mention).toMatchObject({ text: `look, @${alice.lid}`, contextInfo: { mentionedJid: [`${alice.lid}@lid`] } })
  })

  it('a text with an address is a text, which nobody has looked behind', async () => {
    const text = `see https://example.org/${place} and tell`
    await send({ text })
    const said = await heard(({ conversation }) => conversation === text)
    expect(said.toJSON()).toMatchObject({ conversation: text })
    expect(said.extendedTextMessage).toBeNull()
  })

  it('a reaction is put and taken back', async () => {
    const message_id = await idOf(place)
    for (const emoji of ['👍', '']) {
      await send({ reaction: { message_id, emoji } })
      await heard(({ reactionMessage }) => reactionMessage && (reactionMessage.text ?? '') === emoji)
    }
  })

  it('what we sent is edited and deleted, and what others wrote is not', async () => {
    const { message_id } = await send({ text: 'frist' })
    await alice.hears('frist', { from: story.owner })
    await send({ edit: { message_id, text: 'first' } })
    const { protocolMessage: edit } = await heard(({ protocolMessage }) => protocolMessage?.editedMessage)
    expect(edit?.editedMessage?.conversation).toBe('first')
    await send({ delete: { message_id } })
    const { protocolMessage: revoke } = await heard(
      ({ protocolMessage }) => protocolMessage && !protocolMessage.editedMessage,
    )
    expect(revoke?.key?.id).toBe(edit?.key?.id)
    const theirs = await idOf(place)
    for (const wording of [{ delete: { message_id: theirs } }, { edit: { message_id: theirs, text: 'x' } }]) {
      const refusal = await send(wording).catch((error: unknown) => error)
      expect(JSON.stringify(refusal)).toContain('not_our_message')
    }
  })
})
