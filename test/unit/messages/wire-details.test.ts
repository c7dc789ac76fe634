import { describe, expect, it } from 'vitest'

import type { MessageContent } from '../../../plugin/contract/content.ts'
import type { OutboundContent } from '../../../plugin/contract/delivery.ts'
import { lidFromDigits, phoneFromDigits } from '../../../plugin/contract/ids.ts'
import { detailsOf } from '../../../plugin/messages/details.ts'

const place = { latitude: 1, longitude: 2, accuracyMetres: 9, name: 'Office', address: null }
const wirePlace = { latitude: 1, longitude: 2, accuracy_metres: 9, name: 'Office', address: null }
const bob = { lid: lidFromDigits('77702'), phone: phoneFromDigits('972500000002') }

describe('what a message says that is no text', () => {
  it.each<[MessageContent | OutboundContent, unknown]>([
    [{ kind: 'text', text: 'x' }, null],
    [
      { kind: 'location', place, live: true, comment: 'here' },
      { ...wirePlace, live: true },
    ],
    [
      { kind: 'location', latitude: 1, longitude: 2, name: '', address: '' },
      { ...wirePlace, accuracy_metres: null, name: null },
    ],
    [
      { kind: 'contacts', contacts: [{ name: 'Bob', phones: ['+1'] }] },
      { contacts: [{ name: 'Bob', phones: ['+1'] }] },
    ],
    [{ kind: 'contact', name: 'Bob', phone: '+1' }, { contacts: [{ name: 'Bob', phones: ['+1'] }] }],
    [
      { kind: 'poll', question: 'q', options: ['a'], most: 0 },
      { question: 'q', options: ['a'], select: 0 },
    ],
    [{ kind: 'poll_vote', target: 'X', options: null }, { options: null }],
    [
      { kind: 'event_response', target: 'X', response: 'going', guests: 2 },
      { response: 'going', guests: 2 },
    ],
    [
      { kind: 'sealed', what: 'edit', target: null, reason: 'malformed' },
      { what: 'edit', reason: 'malformed' },
    ],
    [
      {
        kind: 'event',
        name: 'Party',
        description: '',
        startsAt: 0,
        endsAt: null,
        place,
        where: 'Hall',
        link: 'https://x.example',
        cancelled: false,
      },
      {
        name: 'Party',
        description: '',
        starts_at: '1970-01-01T00:00:00.000Z',
        ends_at: null,
        place: wirePlace,
        where: 'Hall',
        link: 'https://x.example',
        cancelled: false,
      },
    ],
    [
      { kind: 'choice', text: 'Yes', description: '', id: 'y', answers: [{ name: 'size', value: '4' }] },
      { id: 'y', chosen: 'Yes', description: '', answers: [{ name: 'size', value: '4' }] },
    ],
    [
      { kind: 'order', id: 'O', title: 'Cart', items: 2, total: { currency: 'EUR', thousandths: 12_505 }, note: '' },
      { id: 'O', title: 'Cart', items: 2, total: { currency: 'EUR', amount: '12.505' } },
    ],
    [
      { kind: 'product', id: 'P', title: 'Soup', description: '', price: null, url: null, text: '' },
      { id: 'P', title: 'Soup', description: '', price: null, url: null },
    ],
    [
      { kind: 'payment', what: 'request', amount: { currency: 'EUR', thousandths: 500 }, note: 'lunch' },
      { what: 'request', amount: { currency: 'EUR', amount: '0.5' } },
    ],
    [
      { kind: 'business', form: 'list', text: 'Menu', offers: [{ title: 'Tea', description: '', id: 't' }] },
      { form: 'list', offers: [{ title: 'Tea', description: '', id: 't' }] },
    ],
    [{ kind: 'reaction', emoji: '👍', target: 'X' }, { emoji: '👍' }],
    [
      { kind: 'group_change', change: 'added', people: [bob], text: '' },
      { change: 'added', people: ['+972500000002'], text: '' },
    ],
    [{ kind: 'call', video: true }, { video: true }],
    [
      { kind: 'album', images: 2, videos: 0 },
      { images: 2, videos: 0 },
    ],
    [{ kind: 'unsupported', type: 'orderMessage', caption: '' }, { type: 'orderMessage' }],
    [{ kind: 'revoke', target: 'X' }, null],
  ])('%j', (content, details) => {
    expect(detailsOf({ content })).toEqual(details)
  })
})
