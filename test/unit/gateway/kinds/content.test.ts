import { proto } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Attachment, MessageContent } from '../../../../plugin/contract/content.ts'
import { contentOf } from '../../../../plugin/gateway/kinds/content.ts'
import { unwrapped } from '../../../../plugin/gateway/kinds/unwrap.ts'

/** As it comes over the line: bytes, not what a test wrote. */
const overTheLine = (message: proto.IMessage): proto.IMessage =>
  proto.Message.decode(proto.Message.encode(message).finish())

function read(message: proto.IMessage): MessageContent | null {
  const inner = unwrapped(overTheLine(message))
  return inner && contentOf(inner)
}

const attachment = (kind: Attachment['kind'], more: Partial<Attachment> = {}): Attachment => ({
  kind,
  mime: null,
  sizeBytes: null,
  fileName: null,
  seconds: null,
  viewOnce: false,
  album: null,
  ...more,
})
const media = (file: Attachment, caption = ''): MessageContent => ({ kind: 'media', media: file, caption })

const jpeg = { mimetype: 'image/jpeg', fileLength: 1_000 }
const place = { latitude: 32.08, longitude: 34.78, accuracyMetres: null, name: null, address: null }
const poll = { name: 'Lunch?', options: [{ optionName: 'Soup' }, { optionName: 'Salad' }], selectableOptionsCount: 1 }
const lunch: MessageContent = { kind: 'poll', question: 'Lunch?', options: ['Soup', 'Salad'], most: 1 }
const card = 'BEGIN:VCARD\nVERSION:3.0\nFN:Bob B.\nitem1.TEL;type=CELL;waid=972500000002:+972 50-000-0002\nEND:VCARD'
const choice = (text: string): MessageContent => ({ kind: 'choice', text, description: '', id: null, answers: [] })
const bob = { name: 'Bob', phones: ['+972500000002'] }

describe('what a message says', () => {
  it.each<[string, proto.IMessage, MessageContent]>([
    ['a text', { conversation: 'hello' }, { kind: 'text', text: 'hello' }],
    ['a text with a preview', { extendedTextMessage: { text: 'see' } }, { kind: 'text', text: 'see' }],
    ['a button', { buttonsResponseMessage: { selectedDisplayText: 'Yes' } }, choice('Yes')],
    ['a choice from a list', { listResponseMessage: { title: 'Tea' } }, choice('Tea')],
    ['a template button', { templateButtonReplyMessage: { selectedDisplayText: 'Go' } }, choice('Go')],
    [
      'an image',
      { imageMessage: { ...jpeg, caption: 'look' } },
      media(attachment('image', { mime: 'image/jpeg', sizeBytes: 1_000 }), 'look'),
    ],
    ['a video', { videoMessage: { seconds: 7 } }, media(attachment('video', { seconds: 7 }))],
    ['a GIF', { videoMessage: { gifPlayback: true } }, media(attachment('gif'))],
    ['a video note', { ptvMessage: { seconds: 3 } }, media(attachment('video_note', { seconds: 3 }))],
    ['an audio', { audioMessage: { mimetype: 'audio/mpeg' } }, media(attachment('audio', { mime: 'audio/mpeg' }))],
    ['a voice note', { audioMessage: { ptt: true, seconds: 2 } }, media(attachment('voice', { seconds: 2 }))],
    [
      'a document',
      { documentMessage: { fileName: '../../plan.pdf', mimetype: 'application/pdf' } },
      media(attachment('document', { fileName: 'plan.pdf', mime: 'application/pdf' })),
    ],
    [
      'a document with a caption',
      { documentWithCaptionMessage: { message: { documentMessage: { title: 'plan', caption: 'read' } } } },
      media(attachment('document', { fileName: 'plan' }), 'read'),
    ],
    ['a sticker', { stickerMessage: { mimetype: 'image/webp' } }, media(attachment('sticker', { mime: 'image/webp' }))],
    [
      'a sticker that is drawn as it moves',
      { lottieStickerMessage: { message: { stickerMessage: { isLottie: true } } } },
      media(attachment('sticker', { mime: 'application/was' })),
    ],
    ['a moving sticker', { lottieStickerMessage: { message: { stickerMessage: {} } } }, media(attachment('sticker'))],
    [
      'an image to be seen once',
      { viewOnceMessageV2: { message: { imageMessage: jpeg } } },
      media(attachment('image', { mime: 'image/jpeg', sizeBytes: 1_000, viewOnce: true })),
    ],
    [
      'a voice note to be heard once',
      { audioMessage: { ptt: true, viewOnce: true } },
      media(attachment('voice', { viewOnce: true })),
    ],
    [
      'a text that vanishes',
      { ephemeralMessage: { message: { conversation: 'soon' } } },
      { kind: 'text', text: 'soon' },
    ],
    [
      'an album',
      { albumMessage: { expectedImageCount: 3, expectedVideoCount: 1 } },
      { kind: 'album', images: 3, videos: 1 },
    ],
    [
      'an image of an album',
      {
        messageContextInfo: { messageAssociation: { associationType: 1, parentMessageKey: { id: 'ALBUM' } } },
        imageMessage: {},
      },
      media(attachment('image', { album: 'ALBUM' })),
    ],
    [
      'an image of an album in its wrapper, which says so beside what the image says itself',
      {
        messageContextInfo: { messageAssociation: { associationType: 1, parentMessageKey: { id: 'ALBUM' } } },
        associatedChildMessage: {
          message: { messageContextInfo: { messageSecret: Buffer.alloc(32) }, imageMessage: {} },
        },
      },
      media(attachment('image', { album: 'ALBUM' })),
    ],
    [
      'a location',
      { locationMessage: { degreesLatitude: 32.08, degreesLongitude: 34.78, name: 'Office', address: 'Main St 1' } },
      { kind: 'location', place: { ...place, name: 'Office', address: 'Main St 1' }, live: false, comment: '' },
    ],
    [
      'a live location',
      {
        liveLocationMessage: {
          degreesLatitude: 32.08,
          degreesLongitude: 34.78,
          accuracyInMeters: 9,
          caption: 'coming',
        },
      },
      { kind: 'location', place: { ...place, accuracyMetres: 9 }, live: true, comment: 'coming' },
    ],
    ['a contact', { contactMessage: { displayName: 'Bob', vcard: card } }, { kind: 'contacts', contacts: [bob] }],
    [
      'contacts',
      { contactsArrayMessage: { contacts: [{ vcard: card }, { displayName: 'Nobody' }] } },
      {
        kind: 'contacts',
        contacts: [
          { ...bob, name: 'Bob B.' },
          { name: 'Nobody', phones: [] },
        ],
      },
    ],
    ['a poll', { pollCreationMessage: poll }, lunch],
    ['a poll of the second version', { pollCreationMessageV2: poll }, lunch],
    ['a poll of the third version', { pollCreationMessageV3: poll }, lunch],
    ['a poll of the fourth version', { pollCreationMessageV4: { message: { pollCreationMessage: poll } } }, lunch],
    ['a poll of the fifth version', { pollCreationMessageV5: poll }, lunch],
    [
      'an event',
      {
        eventMessage: {
          name: 'Party',
          description: 'bring cake',
          startTime: 1_700_000_000,
          location: { degreesLatitude: 32.08, degreesLongitude: 34.78 },
          joinLink: 'https://call.whatsapp.com/video/x',
        },
      },
      {
        kind: 'event',
        name: 'Party',
        description: 'bring cake',
        startsAt: 1_700_000_000_000,
        endsAt: null,
        place,
        where: '',
        link: 'https://call.whatsapp.com/video/x',
        cancelled: false,
      },
    ],
    [
      'a reaction',
      { reactionMessage: { key: { id: 'A1' }, text: '👍' } },
      { kind: 'reaction', emoji: '👍', target: 'A1' },
    ],
    [
      'an order',
      { orderMessage: { message: 'two', itemCount: 2, totalAmount1000: 9_500, totalCurrencyCode: 'eur' } },
      {
        kind: 'order',
        id: null,
        title: '',
        items: 2,
        total: { currency: 'EUR', thousandths: 9_500 },
        note: 'two',
      },
    ],
    ['a call that is noted', { callLogMesssage: {} }, { kind: 'unsupported', type: 'callLogMesssage', caption: '' }],
    [
      'a place nowhere',
      { locationMessage: { degreesLatitude: 91, degreesLongitude: 0 } },
      { kind: 'unsupported', type: 'locationMessage', caption: '' },
    ],
    [
      'a reaction to nothing',
      { reactionMessage: { text: '👍' } },
      { kind: 'unsupported', type: 'reactionMessage', caption: '' },
    ],
  ])('is known for %s', (_name, message, content) => {
    expect(read(message)).toEqual(content)
  })

  it('is nothing when only keys or remarks are in it', () => {
    expect(read({ senderKeyDistributionMessage: { groupId: 'x' }, messageContextInfo: {} })).toBeNull()
  })

  it('is not looked for beneath more wrappers than phones make', () => {
    let message: proto.IMessage = { conversation: 'deep' }
    for (let depth = 0; depth < 6; depth += 1) message = { ephemeralMessage: { message } }
    expect(read(message)).toBeNull()
    expect(read({ ephemeralMessage: {} })).toBeNull()
  })

  it('holds sizes and lengths only when they are some', () => {
    const sized = (fileLength: number | string) => read({ documentMessage: { fileLength: fileLength as number } })
    expect(sized(5)).toEqual(media(attachment('document', { sizeBytes: 5 })))
    expect(read({ eventMessage: { startTime: 9e15 } })).toMatchObject({ startsAt: null })
  })

  it('has one answer for whatever is in the fields', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 })
    const number = fc.double({ noNaN: false })
    const part = fc.record({
      caption: text,
      fileName: text,
      name: text,
      vcard: text,
      degreesLatitude: number,
      degreesLongitude: number,
      options: fc.array(fc.record({ optionName: text }), { maxLength: 3 }),
    })
    const name = fc.constantFrom(
      'imageMessage',
      'documentMessage',
      'locationMessage',
      'contactMessage',
      'pollCreationMessage',
    )
    fc.assert(
      fc.property(name, part, (type, said) => {
        const content = read({ [type]: said })
        expect(content).not.toBeNull()
        expect(JSON.parse(JSON.stringify(content))).toEqual(content)
      }),
      { numRuns: 300 },
    )
  })
})
