import { randomBytes } from 'node:crypto'

import { proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { OutboundContent } from '../../../plugin/contract/delivery.ts'
import type { Chat } from '../../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { messageIn } from '../../support/journal-entries.ts'
import { journalTown, type JournalTown } from '../../support/journal-town.ts'
import type { GroupCharacter, PhoneCharacter } from '../../support/network.ts'
import { sealedVote } from '../../support/sealed-vote.ts'
import { bytesOf, plainEdit, plainReaction, plainResponse } from '../../support/sealed-plain.ts'

type Mode = 'lid' | 'pn'
const MODES: readonly Mode[] = ['lid', 'pn']

let town: JournalTown
let groups: Record<Mode, GroupCharacter>

beforeAll(async () => {
  town = await journalTown()
  const { network, owner, alice, bob } = town
  const inMode = (addressingMode: Mode) =>
    network.group(`Sealed ${addressingMode}`, [owner, alice, bob], { addressingMode })
  groups = { lid: await inMode('lid'), pn: await inMode('pn') }
})
afterAll(() => town[Symbol.asyncDispose]())

const arrived = (id: string): Promise<InboundMessage> => messageIn(town.gateway, ({ stanzaId }) => stanzaId === id)
/** Once it is in the journal, its secret is kept. */
const told = async (telling: Promise<string>): Promise<string> => (await arrived(await telling)).stanzaId

let sends = 0
/** Says something as the linked number does; gives its id once WhatsApp has it. */
async function sent(content: OutboundContent, chat: Chat): Promise<string> {
  const { supervisor, account } = town.gateway
  const { bytes } = await supervisor.call('message.render', { ...account, content, chat, file: null })
  sends += 1
  const stanzaId = `3EB0${String(sends).padStart(18, '0')}`
  const transmission = { ...account, chat, stanzaId, bytes, class: 'reply' } as const
  expect(await supervisor.call('message.transmit', transmission)).toMatchObject({ outcome: 'sent' })
  return stanzaId
}

const EVENT: proto.IMessage = { eventMessage: { name: 'Party', startTime: 1_700_000_000 } }
const POLL: proto.IMessage = {
  pollCreationMessageV3: { name: 'Lunch?', options: [{ optionName: 'Soup' }], selectableOptionsCount: 1 },
}
const GOING = proto.Message.EventResponseMessage.EventResponseType.GOING

describe.each([
  ['direct', 'lid'],
  ['direct', 'pn'],
  ['group', 'lid'],
  ['group', 'pn'],
] as const)('in a %s chat, addressed by %s,', (place, addressedBy) => {
  const to = (): PhoneCharacter | GroupCharacter => (place === 'direct' ? town.owner : groups[addressedBy])
  const known = (content: proto.IMessage): Promise<string> =>
    told(town.alice.sends(bytesOf(content), { to: to(), addressedBy, withSecret: true }))

  it('a sealed edit of a text, a poll and an event is that edit', async () => {
    const text = await known({ conversation: 'helo' })
    const edit = { about: text, plain: plainEdit(text, { conversation: 'hello' }), addressedBy }
    expect(await arrived(await town.alice.seals('message_edit', edit))).toMatchObject({
      content: { kind: 'text', text: 'hello' },
      edits: text,
    })
    const secret = randomBytes(32)
    const written = bytesOf({ ...POLL, messageContextInfo: { messageSecret: secret } })
    const poll = await told(town.alice.sends(written, { to: to(), addressedBy }))
    const asked = { name: 'Dinner?', options: [{ optionName: 'Bread' }], selectableOptionsCount: 1 }
    const again = { about: poll, plain: bytesOf({ pollCreationMessageV3: asked }), addressedBy }
    expect(await arrived(await town.alice.seals('poll_edit', again))).toMatchObject({
      content: { kind: 'poll', question: 'Dinner?' },
      edits: poll,
    })
    const creator = addressedBy === 'lid' ? `${town.alice.lid}@lid` : `${town.alice.phone.slice(1)}@s.whatsapp.net`
    const vote = sealedVote(['Bread'], { poll, creator, voter: creator, secret })
    const pollUpdateMessage = { pollCreationMessageKey: { id: poll, fromMe: true }, vote }
    const chosen = await arrived(await town.alice.sends(bytesOf({ pollUpdateMessage }), { to: to(), addressedBy }))
    expect(chosen.content).toEqual({ kind: 'poll_vote', target: poll, options: ['Bread'] })
    const event = await known(EVENT)
    const moved = { about: event, plain: plainEdit(event, { eventMessage: { name: 'Later' } }), addressedBy }
    expect(await arrived(await town.alice.seals('event_edit', moved))).toMatchObject({
      content: { kind: 'event', name: 'Later' },
      edits: event,
    })
  })

  it('a sealed reaction, remark and answer to an event are what they say', async () => {
    const { alice } = town
    const text = await known({ conversation: 'what do you think?' })
    const reaction = await alice.seals('reaction', { about: text, plain: plainReaction('👍'), addressedBy })
    expect((await arrived(reaction)).content).toEqual({ kind: 'reaction', emoji: '👍', target: text })
    const plain = bytesOf({ extendedTextMessage: { text: 'agreed' } })
    const remark = await alice.seals('comment', { about: text, plain, addressedBy })
    expect((await arrived(remark)).content).toEqual({ kind: 'comment', target: text, text: 'agreed' })
    const event = await known(EVENT)
    const response = plainResponse({ response: GOING, extraGuestCount: 2 })
    const answer = await alice.seals('event_response', { about: event, plain: response, addressedBy })
    expect((await arrived(answer)).content).toEqual({
      kind: 'event_response',
      target: event,
      response: 'going',
      guests: 2,
    })
  })

  it.each(MODES.flatMap(authorBy => MODES.map(modifierBy => [authorBy, modifierBy] as const)))(
    'what is sealed for the author by %s and by its maker by %s is read',
    async (authorBy, modifierBy) => {
      const text = await known({ conversation: 'what do you think?' })
      const by = place === 'direct' ? town.alice : town.bob
      const sealed = { about: text, plain: bytesOf({ conversation: 'fine' }), addressedBy, authorBy, modifierBy }
      const { content, sender } = await arrived(await by.seals('comment', sealed))
      expect(content).toEqual({ kind: 'comment', target: text, text: 'fine' })
      expect(sender.lid).toBe(by.lid)
    },
  )
})

describe('what is sealed', () => {
  it('about what the owner wrote on the phone is read, and so is what the owner seals there', async () => {
    const { owner, alice } = town
    const mine = await told(owner.says('from the phone', { to: alice, withSecret: true }))
    const remark = { about: mine, plain: bytesOf({ conversation: 'seen' }) }
    expect((await arrived(await alice.seals('comment', remark))).content).toMatchObject({ kind: 'comment' })
    const edit = { about: mine, plain: plainEdit(mine, { conversation: 'from my phone' }) }
    expect(await arrived(await owner.seals('message_edit', edit))).toMatchObject({
      fromMe: true,
      content: { kind: 'text', text: 'from my phone' },
      edits: mine,
    })
  })

  it.each<[string, OutboundContent]>([
    ['text', { kind: 'text', text: 'Tea?' }],
    ['poll', { kind: 'poll', question: 'Tea?', options: ['Yes', 'No'], most: 1 }],
    ['place', { kind: 'location', latitude: 1, longitude: 2, name: 'Office', address: '' }],
    ['contact', { kind: 'contact', name: 'Bob', phone: '+972500000003' }],
  ])('about a %s of ours is read, in a chat of two and in a group, under either address', async (_what, content) => {
    const { owner, alice } = town
    for (const to of [owner, groups.lid, groups.pn]) {
      const { chat } = await arrived(await alice.says('ask me', { to }))
      const about = await sent(content, chat)
      await alice.hears(({ id }) => id === about)
      for (const by of MODES) {
        const sealed = { about, authorBy: by, modifierBy: by }
        const reaction = await alice.seals('reaction', { ...sealed, plain: plainReaction('🍵') })
        expect((await arrived(reaction)).content).toEqual({ kind: 'reaction', emoji: '🍵', target: about })
        const remark = await alice.seals('comment', { ...sealed, plain: bytesOf({ conversation: 'with milk' }) })
        expect((await arrived(remark)).content).toEqual({ kind: 'comment', target: about, text: 'with milk' })
      }
    }
  })

  it('on the phone of the owner about a text of ours is the change that it is', async () => {
    const { owner, alice } = town
    const { chat } = await arrived(await alice.says('ask me', { to: owner }))
    const about = await sent({ kind: 'text', text: 'at noon' }, chat)
    await owner.hears(({ id }) => id === about)
    const edit = { about, plain: plainEdit(about, { conversation: 'at one' }) }
    expect(await arrived(await owner.seals('message_edit', edit))).toMatchObject({
      fromMe: true,
      content: { kind: 'text', text: 'at one' },
      edits: about,
    })
  })

  it('about a message whose secret nobody here has is kept with that reason', async () => {
    const { owner, alice } = town
    const about = await told(alice.says('before', { to: owner }))
    const plain = bytesOf({ conversation: 'lost' })
    const remark = await alice.seals('comment', { about, secret: randomBytes(32), plain })
    expect((await arrived(remark)).content).toEqual({
      kind: 'sealed',
      what: 'comment',
      target: about,
      reason: 'secret_unknown',
    })
  })

  it('about a message that can be read only later is read then', async () => {
    const { owner, alice, gateway } = town
    const about = await alice.says('late', { to: owner, withSecret: true, garbled: 1 })
    const edit = await alice.seals('message_edit', { about, plain: plainEdit(about, { conversation: 'later' }) })
    const read = await messageIn(gateway, ({ stanzaId, content }) => stanzaId === edit && content.kind === 'text')
    expect(read).toMatchObject({ content: { text: 'later' }, edits: about })
  })

  it('with another secret, or with nothing in it that can be read, is kept with that reason', async () => {
    const { owner, alice } = town
    const about = await told(alice.says('hm', { to: owner, withSecret: true }))
    const plain = bytesOf({ conversation: 'forged' })
    const forged = await alice.seals('comment', { about, plain, secret: randomBytes(32) })
    expect((await arrived(forged)).content).toMatchObject({ kind: 'sealed', what: 'comment', reason: 'not_opened' })
    const garbage = await alice.seals('message_edit', { about, plain: Buffer.from([0xff, 0xff, 0xff]) })
    expect((await arrived(garbage)).content).toMatchObject({ kind: 'sealed', what: 'edit', reason: 'malformed' })
    const nameless = await alice.sends(bytesOf({ encReactionMessage: { encPayload: randomBytes(4) } }), { to: owner })
    expect((await arrived(nameless)).content).toEqual({
      kind: 'sealed',
      what: 'reaction',
      target: null,
      reason: 'malformed',
    })
  })
})
