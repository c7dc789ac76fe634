import { expect, it } from 'vitest'

import type { MessageRecord } from '../support/network.ts'
import type { Evidence } from './sweep/evidence.ts'
import { violations } from './sweep/oracles.ts'

const settled: MessageRecord = {
  transmissions: 0,
  addressed: [],
  deliveries: 1,
  settlements: 1,
  errors: [],
  receipts: ['delivered'],
  receiptsTo: [],
  reads: 0,
  readAt: [],
  retries: 0,
  placeholders: 0,
  undecryptable: 0,
  found: [],
  secrets: [],
  acks: [],
}

const reply = { id: 'REPLY', by: 'alice', from: 'owner', kind: 'text', own: false } as const
const row = { direction: 'inbound', content: '{"kind":"text"}' } as const

/** Two messages, one of them answered, and one send: nothing is wrong with it. */
const GOOD: Evidence = {
  said: [
    { id: 'ONE', chat: 'alice', kind: 'direct', text: 'echo one', agent: 'echo' },
    { id: 'TWO', chat: 'alice', kind: 'direct', text: 'book two', agent: 'bookkeeper' },
  ],
  records: new Map([
    ['ONE', settled],
    ['TWO', settled],
  ]),
  queued: 0,
  rows: [
    { ...row, id: 'msg_1', stanzaId: 'ONE', outcome: 'answered' },
    { ...row, id: 'msg_2', stanzaId: 'TWO', outcome: 'answered' },
  ],
  turns: [
    { id: 'trn_1', messageId: 'msg_1', status: 'answered', code: null, place: 1 },
    { id: 'trn_2', messageId: 'msg_2', status: 'answered', code: null, place: 2 },
  ],
  asked: [{ key: 'k', to: 'alice', text: 'news', answers: ['snd_1', 'snd_1'] }],
  sends: [{ id: 'snd_1', status: 'delivered', stanzaId: 'SENT' }],
  heard: [
    { ...reply, id: 'R1', text: 'echo one' },
    { ...reply, id: 'R2', text: 'In the book: book two' },
    { ...reply, id: 'SENT', text: 'news' },
  ],
  undecryptable: [],
  effects: ['trn_2'],
  listeners: new Map([['alice', ['alice']]]),
}

/** One question in two messages. */
const PIECES: Partial<Evidence> = {
  said: [
    { id: 'ONE', chat: 'alice', kind: 'direct', text: 'echo one', agent: 'echo', question: 'ONE' },
    { id: 'MORE', chat: 'alice', kind: 'direct', text: 'echo more', agent: 'echo', question: 'ONE' },
    ...GOOD.said.slice(1),
  ],
  records: new Map([...GOOD.records, ['MORE', settled]]),
  rows: [{ ...row, id: 'msg_0', stanzaId: 'MORE', outcome: 'answered' }, ...GOOD.rows],
  heard: [{ ...reply, id: 'R1', text: 'echo one\necho more' }, ...GOOD.heard.slice(1)],
}

const oraclesOf = (change: Partial<Evidence>): string[] =>
  violations({ ...GOOD, ...change }).map(({ oracle }) => oracle)

it('no oracle speaks of a run in which nothing went wrong', () => {
  expect(violations(GOOD)).toEqual([])
})

const edit = { id: 'EDIT', chat: 'alice', kind: 'edit', text: 'echo edited', agent: null, edits: 'ONE' } as const
const EDITED: Partial<Evidence> = {
  said: [...GOOD.said, edit],
  records: new Map([...GOOD.records, ['EDIT', settled]]),
  rows: [...GOOD.rows, { ...row, id: 'msg_3', stanzaId: 'EDIT', outcome: 'ignored: edit' }],
}

it('Q3 takes a reply to the edited text for the one that was due', () => {
  const heard = GOOD.heard.map(each => (each.id === 'R1' ? { ...each, text: 'echo edited' } : each))
  expect(oraclesOf({ ...EDITED, heard })).toEqual([])
  expect(oraclesOf({ ...EDITED, heard: GOOD.heard })).toEqual([])
})

it('no oracle speaks of a question in two messages that was asked and answered once', () => {
  expect(oraclesOf(PIECES)).toEqual([])
})

const [first, second] = GOOD.rows
const again = { id: 'trn_3', messageId: 'msg_0', status: 'answered', code: null, place: 0 } as const
const BAD: [string, Partial<Evidence>][] = [
  ['Q1', { rows: first ? [first] : [] }],
  ['Q2', { rows: [...GOOD.rows, { ...row, id: 'msg_3', stanzaId: 'NOBODY', outcome: 'answered' }] }],
  ['Q3', { heard: [...GOOD.heard, { ...reply, id: 'R3', text: 'echo one' }] }],
  ['Q3', { turns: [...GOOD.turns, { id: 'trn_3', messageId: 'msg_2', status: 'answered', code: null, place: 3 }] }],
  ['Q3', { ...EDITED, heard: [...GOOD.heard, { ...reply, id: 'R4', text: 'echo edited' }] }],
  ['Q3', { ...PIECES, turns: [again, ...GOOD.turns] }],
  ['Q3', { ...PIECES, heard: [{ ...reply, id: 'R1', text: 'echo one' }, ...GOOD.heard.slice(1)] }],
  ['Q3', { ...PIECES, turns: GOOD.turns.slice(1) }],
  ['Q4', { effects: ['trn_2', 'trn_2'] }],
  ['Q4', { effects: [] }],
  ['Q4', { effects: ['trn_2', 'trn_1'] }],
  ['Q5', { heard: GOOD.heard.filter(({ id }) => id !== 'SENT') }],
  ['Q5', { sends: [] }],
  ['Q6', { heard: [...GOOD.heard, { ...reply, id: 'SENT2', text: 'news' }] }],
  ['Q6', { records: new Map([...GOOD.records, ['SENT', { ...settled, acks: ['463', 'ok'] }]]) }],
  ['Q7', { turns: GOOD.turns.map((turn, index) => ({ ...turn, place: 2 - index })) }],
  ['Q8', { rows: second ? [second] : [] }],
  ['Q9', { undecryptable: [{ by: 'alice', id: 'SENT', why: 'old counter' }] }],
  ['Q10', { queued: 1 }],
  ['Q10', { turns: GOOD.turns.map(turn => ({ ...turn, status: 'running' })) }],
]

it.each(BAD)('%s speaks up when the evidence is of that kind', (oracle, change) => {
  expect(oraclesOf(change)).toContain(oracle)
})
