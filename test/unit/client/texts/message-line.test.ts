import { describe, expect, it } from 'vitest'

import { fileWord, kindWords, TEXT_WITHHELD } from '../../../../client/texts/kind-words.ts'
import { messageLine } from '../../../../client/texts/message-line.ts'
import type { WireMessage } from '../../../../plugin/contract/api/messages.ts'
import { MEDIA_KINDS, type MessageContent } from '../../../../plugin/contract/content.ts'
import type { OutboundContent, OutboundFile } from '../../../../plugin/contract/delivery.ts'
import { textOfStored } from '../../../../plugin/store/messages/messages.ts'
import { detailsOf } from '../../../../plugin/messages/details.ts'

type Content = MessageContent | OutboundContent
type Samples<Each extends Content> = { readonly [Kind in Each['kind']]: Extract<Each, { kind: Kind }> }

const place = { latitude: 1, longitude: 2, accuracyMetres: null, name: 'Office', address: null }
const target = { stanzaId: 'X', fromMe: true, sender: '+972500000002' }
const file: OutboundFile = {
  kind: 'image',
  artifact: 'art_1',
  mime: 'image/png',
  fileName: null,
  sizeBytes: 1,
  sha256: '',
}
const media = { kind: 'image', mime: null, sizeBytes: null, fileName: null, seconds: null, viewOnce: false } as const

/** One of each kind that comes in, of which as little is said as may be. */
const INBOUND: Samples<MessageContent> = {
  text: { kind: 'text', text: 'hello' },
  media: { kind: 'media', media: { ...media, album: null }, caption: '' },
  album: { kind: 'album', images: 3, videos: 0 },
  location: { kind: 'location', place, live: false, comment: '' },
  contacts: { kind: 'contacts', contacts: [{ name: 'Bob', phones: [] }] },
  poll: { kind: 'poll', question: 'Lunch?', options: ['Soup'], most: 1 },
  poll_vote: { kind: 'poll_vote', target: 'X', options: null },
  event: {
    kind: 'event',
    name: 'Party',
    description: '',
    startsAt: null,
    endsAt: null,
    place: null,
    cancelled: false,
  },
  event_response: { kind: 'event_response', target: 'X', response: 'going', guests: 0 },
  reaction: { kind: 'reaction', emoji: '👍', target: 'X' },
  revoke: { kind: 'revoke', target: 'X' },
  group_change: { kind: 'group_change', change: 'subject', people: [], text: 'New' },
  choice: { kind: 'choice', text: '', description: '', id: 'y', answers: [] },
  order: { kind: 'order', id: null, title: '', items: 2, total: null, note: '' },
  product: { kind: 'product', id: null, title: 'Soup', description: '', price: null, url: null, text: '' },
  comment: { kind: 'comment', target: 'X', text: '' },
  payment: { kind: 'payment', what: 'request', amount: null, note: '' },
  business: { kind: 'business', form: 'list', text: '', offers: [] },
  sealed: { kind: 'sealed', what: 'reaction', target: null, reason: 'secret_unknown' },
  call: { kind: 'call', video: false },
  view_once: { kind: 'view_once' },
  forgotten: { kind: 'forgotten' },
  undecryptable: { kind: 'undecryptable' },
  unsupported: { kind: 'unsupported', type: 'futureMessage', caption: '' },
}
/** The same of what goes out. */
const OUTBOUND: Samples<OutboundContent> = {
  text: { kind: 'text', text: 'hello' },
  media: { kind: 'media', file, caption: '' },
  reaction: { kind: 'reaction', emoji: '👍', target },
  location: { kind: 'location', latitude: 1, longitude: 2, name: '', address: '' },
  contact: { kind: 'contact', name: 'Bob', phone: '+972500000003' },
  poll: { kind: 'poll', question: 'Lunch?', options: ['Soup'], most: 1 },
  edit: { kind: 'edit', text: 'better', target },
  delete: { kind: 'delete', target },
  forgotten: { kind: 'forgotten' },
}

const HEAD = '03:04:05 ← +972500000002:'
const TAIL = '[ignored: x]'
const PICTURE = {
  artifact_id: null,
  kind: 'image',
  mime: null,
  size: null,
  sha256: null,
  file_name: null,
  problem: null,
} as const

const wireOf = (content: Content, more: Partial<WireMessage> = {}): WireMessage => ({
  id: 'msg_1',
  account: 'default',
  direction: 'inbound',
  chat: '+972500000002',
  from: '+972500000002',
  sender_name: null,
  group_subject: null,
  to: '+972500000001',
  text: textOfStored({ content }) || null,
  kind: content.kind,
  details: detailsOf({ content }),
  quoted: null,
  mentioned: false,
  mentions_all: false,
  claimed: { forwarded: false, forwarding_score: 0 },
  media: content.kind === 'media' ? [PICTURE] : [],
  group: null,
  binding_id: null,
  album: null,
  gathered_in: null,
  outcome: 'ignored: x',
  received_at: '2026-01-02T03:04:05.000Z',
  ...more,
})
const lineOf = (content: Content, more: Partial<WireMessage> = {}): string =>
  messageLine(wireOf(content, more), (_colour, text) => text)

describe('a message on one line', () => {
  it.each([...Object.values(INBOUND), ...Object.values(OUTBOUND)] as Content[])('says what it is: $kind', content => {
    const words = kindWords(content.kind) ?? (content.kind === 'media' ? '[Picture]' : textOfStored({ content }))
    expect(words).not.toBe(content.kind)
    const line = lineOf(content)
    expect(line).toContain(words)
    expect([line.slice(0, HEAD.length), line.slice(-TAIL.length)]).toEqual([HEAD, TAIL])
    expect(line).not.toMatch(/no text|undefined|null|\(\)/)
  })

  it.each<[Content, string]>([
    [INBOUND.sealed, 'An encrypted change of a message (what reaction, reason secret_unknown)'],
    [INBOUND.album, 'An album (images 3, videos 0)'],
    [INBOUND.view_once, 'View once, on the phone only'],
    [INBOUND.unsupported, 'A kind of message that the channel does not support (type futureMessage)'],
    [INBOUND.reaction, 'A reaction (emoji 👍)'],
    [INBOUND.poll, 'A poll (options ["Soup"], select 1) Lunch?'],
    [{ ...INBOUND.comment, text: 'agreed' }, 'A comment on a message agreed'],
    [INBOUND.media, '[Picture]'],
  ])('%j', (content, words) => {
    expect(lineOf(content)).toBe(`${HEAD} ${words} ${TAIL}`)
  })

  it('steers no terminal, whatever stands in what it says, and is not long for that', () => {
    const line = lineOf({ ...INBOUND.unsupported, type: `\u001b[2J\n${'x'.repeat(5_000)}` })
    expect(line).not.toMatch(/\p{Cc}/u)
    expect(line.length).toBeLessThan(400)
  })

  it('says what is claimed of it, and whose turn is about it as well', () => {
    const claimed = { forwarded: true, forwarding_score: 1 }
    expect(lineOf(INBOUND.text, { claimed, mentions_all: true, gathered_in: 'msg_0' })).toBe(
      `${HEAD} [forwarded] [to all] [with msg_0] hello ${TAIL}`,
    )
  })

  it('says whose words it does not show', () => {
    for (const content of [INBOUND.text, OUTBOUND.edit]) {
      expect(lineOf(content, { text: null, details: null })).toBe(`${HEAD} ${TEXT_WITHHELD} ${TAIL}`)
    }
    expect(lineOf(INBOUND.sealed, { details: null })).toBe(`${HEAD} An encrypted change of a message ${TAIL}`)
  })

  it.each<[Partial<NonNullable<WireMessage['quoted']>>, string]>([
    [{ text: 'the old one' }, 'the old one'],
    [{ kind: 'poll_vote' }, 'A vote'],
    [{ kind: 'media', media: [PICTURE] }, 'Picture'],
    [{ kind: 'revoke' }, 'Deletes a message'],
    [{ claimed: true }, 'a message ?'],
  ])('says what it quotes: %j', (quoted, words) => {
    const none = { message_id: null, from: '+972500000003', kind: null, text: null, media: [], claimed: false }
    expect(lineOf(INBOUND.text, { quoted: { ...none, ...quoted } })).toBe(
      `${HEAD} [to +972500000003: ${words}] hello ${TAIL}`,
    )
  })

  it('has a word of its own for each kind of file', () => {
    const words = MEDIA_KINDS.map(fileWord)
    expect(new Set([...words, fileWord('whatever')]).size).toBe(MEDIA_KINDS.length + 1)
  })

  it('shows a kind that a newer host has by its name', () => {
    expect([kindWords('hologram'), kindWords('toString')]).toEqual(['hologram', 'toString'])
  })
})
