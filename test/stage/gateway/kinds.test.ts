import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { sendAlbum } from '../../../host-stub/whatsapp/client/album-sending.ts'
import { pieceForms } from '../../../host-stub/whatsapp/contract/file-contract.ts'
import type { MediaKind, MessageContent } from '../../../plugin/contract/content.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { journalTown, type JournalTown } from '../../support/journal-town.ts'
import { messageIn } from '../../support/journal-entries.ts'
import { KIND_ROWS } from '../../support/kind-rows.ts'
import type { GroupCharacter, PhoneCharacter } from '../../support/network.ts'
import { MP3, MP4, photo, VOICE } from '../../support/samples.ts'
import { sealedVote } from '../../support/sealed-vote.ts'
import { given } from '../../support/given.ts'

const bytesOf = (message: proto.IMessage): Uint8Array => proto.Message.encode(message).finish()

const OPTIONS = ['Soup', 'Salad']
const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type

/** What a phone sends, and what becomes of it. */
const KINDS: Record<string, [proto.IMessage, Partial<MessageContent>]> = {
  text: [{ conversation: 'hello' }, { kind: 'text', text: 'hello' }],
  'vanishing text': [{ ephemeralMessage: { message: { conversation: 'soon' } } }, { kind: 'text', text: 'soon' }],
  location: [
    { locationMessage: { degreesLatitude: 32.08, degreesLongitude: 34.78, name: 'Office' } },
    { kind: 'location', live: false },
  ],
  'live location': [
    { liveLocationMessage: { degreesLatitude: 32.08, degreesLongitude: 34.78 } },
    { kind: 'location', live: true },
  ],
  contact: [
    { contactMessage: { displayName: 'Bob', vcard: 'BEGIN:VCARD\nTEL:+1 2\nEND:VCARD' } },
    { kind: 'contacts', contacts: [{ name: 'Bob', phones: ['+1 2'] }] },
  ],
  contacts: [
    { contactsArrayMessage: { contacts: [{ displayName: 'Bob' }, { displayName: 'Carol' }] } },
    {
      kind: 'contacts',
      contacts: [
        { name: 'Bob', phones: [] },
        { name: 'Carol', phones: [] },
      ],
    },
  ],
  event: [{ eventMessage: { name: 'Party', startTime: 1_700_000_000 } }, { kind: 'event', name: 'Party' }],
  album: [{ albumMessage: { expectedImageCount: 2 } }, { kind: 'album', images: 2, videos: 0 }],
  reaction: [{ reactionMessage: { key: { id: 'A1' }, text: '👍' } }, { kind: 'reaction', emoji: '👍', target: 'A1' }],
  revoke: [{ protocolMessage: { type: REVOKE, key: { id: 'A1', fromMe: true } } }, { kind: 'revoke', target: 'A1' }],
  edit: [
    { protocolMessage: { type: MESSAGE_EDIT, key: { id: 'A1' }, editedMessage: { conversation: 'better' } } },
    { kind: 'text', text: 'better' },
  ],
  choice: [
    { interactiveResponseMessage: { nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"y"}' } } },
    { kind: 'choice', text: 'y', id: 'y' },
  ],
  order: [{ orderMessage: { itemCount: 2, message: 'for noon' } }, { kind: 'order', items: 2, note: 'for noon' }],
  product: [
    { productMessage: { product: { title: 'Soup' }, body: 'this one' } },
    { kind: 'product', title: 'Soup', text: 'this one' },
  ],
  comment: [
    { commentMessage: { message: { conversation: 'agreed' }, targetMessageKey: { id: 'A1' } } },
    { kind: 'comment', target: 'A1', text: 'agreed' },
  ],
  payment: [
    {
      requestPaymentMessage: { noteMessage: { conversation: 'lunch' }, currencyCodeIso4217: 'EUR', amount1000: 12_500 },
    },
    { kind: 'payment', what: 'request', amount: { currency: 'EUR', thousandths: 12_500 }, note: 'lunch' },
  ],
  business: [
    { templateMessage: { hydratedTemplate: { hydratedContentText: 'Your parcel is here' } } },
    { kind: 'business', form: 'template', text: 'Your parcel is here' },
  ],
  invitation: [
    { groupInviteMessage: { groupName: 'Team', caption: 'join us' } },
    { kind: 'unsupported', type: 'groupInviteMessage', caption: 'Team\njoin us' },
  ],
  wrapped: [{ groupMentionedMessage: { message: { conversation: 'inner' } } }, { kind: 'text', text: 'inner' }],
  'other words': [
    { stickerPackMessage: { name: 'Cats' } },
    { kind: 'unsupported', type: 'stickerPackMessage', caption: 'Cats' },
  ],
  'nothing said': [{ callLogMesssage: {} }, { kind: 'unsupported', type: 'callLogMesssage', caption: '' }],
  'unheard of': [{ messageContextInfo: { messageSecret: randomBytes(32) } }, { kind: 'unsupported', type: 'unknown' }],
}

/** The kinds of files, what phones say that each is, and one of it. */
const FILES: Record<string, [MediaKind, string, () => Promise<Buffer>]> = {
  image: ['image', 'image/jpeg', photo],
  video: ['video', 'video/mp4', async () => MP4],
  gif: ['gif', 'video/mp4', async () => MP4],
  'video note': ['video_note', 'video/mp4', async () => MP4],
  audio: ['audio', 'audio/mpeg', async () => MP3],
  'voice note': ['voice', 'audio/ogg; codecs=opus', async () => VOICE],
  document: ['document', 'text/csv', async () => Buffer.from('a,b\n1,2\n')],
  sticker: ['sticker', 'image/webp', photo],
}
const CAPTIONED = ['image', 'video', 'gif', 'document']

let town: JournalTown
let groups: Record<'lid' | 'pn', GroupCharacter>

beforeAll(async () => {
  town = await journalTown({ media: true })
  const { network, owner, alice, bob } = town
  const inMode = (addressingMode: 'lid' | 'pn') =>
    network.group(`Team ${addressingMode}`, [owner, alice, bob], { addressingMode })
  groups = { lid: await inMode('lid'), pn: await inMode('pn') }
})
afterAll(() => town[Symbol.asyncDispose]())

const arrived = (id: string): Promise<InboundMessage> => messageIn(town.gateway, ({ stanzaId }) => stanzaId === id)

it('every kind that the README names has its story', () => {
  const here = [...Object.keys(KINDS), ...Object.keys(FILES), 'view once', 'poll', 'vote', 'group change', 'call']
  // test/stage/inbox/sealed-changes, test/e2e/unread-words, test/faults/own-words
  const elsewhere = ['event answer', 'sealed words', 'view once on the phone', 'own words']
  const told = [...here, ...elsewhere]
  expect(told.toSorted()).toEqual(KIND_ROWS.map(({ kind }) => kind).toSorted())
})

describe.each([
  ['direct', 'lid'],
  ['direct', 'pn'],
  ['group', 'lid'],
  ['group', 'pn'],
] as const)('in a %s chat, addressed by %s,', (place, addressedBy) => {
  const to = (): PhoneCharacter | GroupCharacter => (place === 'direct' ? town.owner : groups[addressedBy])
  const jidOf = ({ lid, phone }: PhoneCharacter): string =>
    addressedBy === 'lid' ? `${lid}@lid` : `${phone.slice(1)}@s.whatsapp.net`

  it.each(Object.keys(KINDS))('a message of this kind arrives as what it is: %s', async kind => {
    const [message, content] = KINDS[kind] ?? []
    const id = await town.alice.sends(bytesOf(message ?? {}), { to: to(), addressedBy })
    const { content: seen, sender, chat } = await arrived(id)
    expect(seen).toMatchObject(content ?? {})
    expect(sender).toEqual({ lid: town.alice.lid, phone: town.alice.phone })
    expect(chat.kind).toBe(place)
  })

  const fetched = async ({ file, content }: InboundMessage): Promise<Buffer> => {
    const { supervisor, account } = town.gateway
    if (content.kind !== 'media') throw new Error('no file')
    const { kind } = content.media
    const outcome = await supervisor.call('media.fetch', { ...account, file: given(file), kind })
    if (outcome.outcome !== 'fetched') throw new Error(outcome.code)
    const bytes = readFileSync(outcome.path)
    await supervisor.call('media.release', { ...account, file: given(file) })
    return bytes
  }

  it.each(Object.keys(FILES))('a file of this kind arrives as it was sent: %s', async name => {
    const [kind, mime, made] = given(FILES[name])
    const bytes = await made()
    const caption = CAPTIONED.includes(kind) ? { caption: `a ${name}` } : {}
    const { id } = await town.alice.sendsFile({ kind, mime, bytes, ...caption }, { to: to(), addressedBy })
    const message = await arrived(id)
    expect(message.content).toMatchObject({ kind: 'media', media: { kind, mime }, caption: caption.caption ?? '' })
    expect(message.sender).toEqual({ lid: town.alice.lid, phone: town.alice.phone })
    expect(await fetched(message)).toEqual(bytes)
  })

  it('a file that is to be seen once arrives as one', async () => {
    const bytes = await photo()
    const lies = bytesOf({ imageMessage: { viewOnce: true } })
    const { id } = await town.alice.sendsFile(
      { kind: 'image', mime: 'image/jpeg', bytes, lies },
      { to: to(), addressedBy },
    )
    const message = await arrived(id)
    expect(message.content).toMatchObject({ kind: 'media', media: { kind: 'image', viewOnce: true } })
    expect(await fetched(message)).toEqual(bytes)
  })

  it.each(pieceForms)('an album arrives, and each picture of it names it, whoever sends it: %s', async pieceForm => {
    const { alice, owner } = town
    const bytes = await photo()
    const picture = { kind: 'image', mime: 'image/jpeg', bytes } as const
    for (const author of [alice, owner]) {
      const sending = { to: place === 'direct' && author === owner ? alice : to(), addressedBy, pieceForm }
      const { id, pieces } = await sendAlbum(author, [picture, { ...picture, caption: 'look' }], sending)
      expect((await arrived(id)).content).toEqual({ kind: 'album', images: 2, videos: 0 })
      for (const [at, piece] of pieces.entries()) {
        const message = await arrived(piece.id)
        expect(message.content).toMatchObject({ media: { album: id }, caption: at === 0 ? '' : 'look' })
        expect(await fetched(message)).toEqual(bytes)
      }
    }
  })

  it('a poll arrives, and the votes in it with what they chose', async () => {
    const { alice, bob } = town
    const secret = randomBytes(32)
    const poll = { name: 'Lunch?', options: OPTIONS.map(optionName => ({ optionName })), selectableOptionsCount: 1 }
    const message = { messageContextInfo: { messageSecret: secret }, pollCreationMessageV3: poll }
    const id = await alice.sends(bytesOf(message), { to: to(), addressedBy })
    expect((await arrived(id)).content).toEqual({ kind: 'poll', question: 'Lunch?', options: OPTIONS, most: 1 })

    const voter = place === 'direct' ? alice : bob
    const ballot = { poll: id, secret, creator: jidOf(alice), voter: jidOf(voter) }
    const pollCreationMessageKey = { id, fromMe: voter === alice }
    const votes = async (chosen: readonly string[]): Promise<MessageContent> => {
      const pollUpdateMessage = { pollCreationMessageKey, vote: sealedVote(chosen, ballot) }
      return (await arrived(await voter.sends(bytesOf({ pollUpdateMessage }), { to: to(), addressedBy }))).content
    }
    expect(await votes(['Salad'])).toEqual({ kind: 'poll_vote', target: id, options: ['Salad'] })
    expect(await votes([])).toEqual({ kind: 'poll_vote', target: id, options: [] })
  })
})

describe.each(['lid', 'pn'] as const)('a group addressed by %s', addressingMode => {
  it('tells of those who come, go and are made admins, and of its new name', async () => {
    const { network, owner, alice, bob } = town
    const carol = await network.phone('carol')
    const group = await network.group('Changing', [alice, owner, bob], { addressingMode })
    const told = (change: string): Promise<InboundMessage> =>
      messageIn(
        town.gateway,
        ({ chat, content }) =>
          chat.kind === 'group' &&
          chat.group === group.id &&
          content.kind === 'group_change' &&
          content.change === change,
      )
    await network.changeGroup(group, { add: [carol] })
    const added = await told('added')
    expect(added).toMatchObject({
      sender: { lid: alice.lid, phone: alice.phone },
      senderName: expect.any(String) as string,
    })
    expect(added.content).toMatchObject({ people: [{ lid: carol.lid, phone: carol.phone }] })
    await network.changeGroup(group, { promote: [bob], demote: [bob], subject: 'Renamed' })
    expect((await told('promoted')).content).toMatchObject({ people: [{ lid: bob.lid }] })
    expect((await told('demoted')).content).toMatchObject({ people: [{ lid: bob.lid }] })
    expect((await told('subject')).content).toMatchObject({ text: 'Renamed' })
    await network.changeGroup(group, { by: carol, remove: [carol] })
    expect((await told('left')).sender.lid).toBe(carol.lid)
    await network.changeGroup(group, { remove: [bob] })
    expect((await told('removed')).content).toMatchObject({ people: [{ lid: bob.lid }] })
  })
})

describe('a call', () => {
  it('is told of once', async () => {
    const { alice, owner } = town
    const id = await alice.calls(owner, { video: true })
    const { sender, chat, content } = await arrived(id)
    expect([sender, chat]).toEqual([
      { lid: alice.lid, phone: alice.phone },
      { kind: 'direct', peer: { lid: alice.lid, phone: alice.phone } },
    ])
    expect(content).toEqual({ kind: 'call', video: true })
  })
})
