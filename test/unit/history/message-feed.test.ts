import { describe, expect, it } from 'vitest'

import type { SendChange } from '../../../plugin/contract/api/sends.ts'
import type { WireTurn } from '../../../plugin/contract/api/turns.ts'
import type { WireMessage } from '../../../plugin/contract/api/messages.ts'
import { excerptOf } from '../../../plugin/web/messages/excerpt.ts'
import {
  arrivedSince,
  type Feed,
  NO_FEED,
  PAGE,
  withMessage,
  withNewest,
  withOlder,
} from '../../../plugin/web/messages/feed.ts'
import { hopsOf, median } from '../../../plugin/web/charts/hops.ts'
import { spanWords } from '../../../plugin/web/texts/words.ts'
import {
  furthest,
  NO_PROGRESS,
  tickOf,
  withBeginning,
  withChange,
  withListed,
  withTurn,
} from '../../../plugin/web/parts/progress.ts'
import { MINUTE_MS, perMinute, withMarks } from '../../../plugin/web/charts/traffic.ts'
import { wireMessage } from '../../support/wire-message.ts'

const message = (n: number, more: Partial<WireMessage> = {}): WireMessage =>
  wireMessage({ id: `msg_${String(n).padStart(4, '0')}`, text: `number ${n}`, ...more })

/** Messages from one number to another, newest first. */
const page = (newest: number, oldest: number): WireMessage[] =>
  Array.from({ length: newest - oldest + 1 }, (_, n) => message(newest - n))

/** The same as it is listed: of those before them there are more when it is full. */
const listed = (newest: number, oldest: number, more = newest - oldest + 1 === PAGE) => ({
  messages: page(newest, oldest),
  more,
})

const numbers = ({ messages }: Feed): string[] => messages.map(({ text }) => (text ?? '').slice('number '.length))

it('a list shows of a text what leaves room for others', () => {
  expect(excerptOf('a\nb')).toBeNull()
  expect(excerptOf('a'.repeat(601))).toBe('a'.repeat(600))
  expect(excerptOf(`${'a'.repeat(599)}😀`)).toBe('a'.repeat(599))
  expect(excerptOf(`a${'\n'.repeat(400)}b`)).toBe('a')
})

it('what has come in since somebody was told is told apart from what went out', () => {
  const messages = [message(4), message(3, { direction: 'outbound' }), message(2), message(1)]
  expect(arrivedSince(messages, message(1).id)).toEqual([message(4), message(2)])
})

describe('the feed of messages', () => {
  it('shows each message once, newest first, whether it was told of before or after the page came', () => {
    const feed = [message(5), message(4), message(3)].reduce(withMessage, NO_FEED)
    expect(numbers(withNewest(feed, listed(4, 1)))).toEqual(['5', '4', '3', '2', '1'])
  })

  it('shows of a message what was told of it last', () => {
    const feed = withNewest(NO_FEED, listed(2, 1))
    const answered = withMessage(feed, message(1, { outcome: 'answered' }))
    expect(answered.messages.map(({ outcome }) => outcome)).toEqual(['unmatched: no_binding', 'answered'])
  })

  it('keeps no more than was asked for, so that a page left open does not grow', () => {
    const feed = withMessage(withNewest(NO_FEED, listed(PAGE, 1)), message(PAGE + 1))
    expect(feed.messages).toHaveLength(PAGE)
    expect(numbers(feed).at(-1)).toBe('2')
    const older = withOlder(feed, listed(1, 1))
    expect(older).toMatchObject({ complete: true, most: PAGE + 1 })
    expect(numbers(older).at(-1)).toBe('1')
  })

  it('says that there is no more only when what is shown reaches back to the first', () => {
    const all = withNewest(NO_FEED, listed(3, 1))
    expect(all.complete).toBe(true)
    const more = Array.from({ length: PAGE }, (_, n) => message(4 + n)).reduce(withMessage, all)
    expect(more.complete).toBe(false)
  })

  it('goes on behind a page that is short because its messages are long', () => {
    const feed = withNewest(NO_FEED, listed(9, 7, true))
    expect(feed.complete).toBe(false)
    expect(withOlder(feed, listed(6, 5, true)).complete).toBe(false)
    expect(withOlder(feed, listed(6, 5)).complete).toBe(true)
  })

  it('lets go of what it knew when others may lie between that and the newest page', () => {
    const old = withNewest(NO_FEED, listed(9, 1))
    const feed = withNewest(withMessage(old, message(900)), listed(800, 801 - PAGE))
    expect(numbers(feed)).toEqual(['900', ...numbers(withNewest(NO_FEED, listed(800, 801 - PAGE)))])
    expect(feed.complete).toBe(false)
  })
})

const change = (status: SendChange['status'], code: number | null = null): SendChange => ({
  id: 'snd_1',
  account: 'default',
  status,
  code,
  reason: null,
  message_id: message(1).id,
  to: '+972500000002',
  at: '2026-01-05T10:00:00.000Z',
})

describe('the ticks of what was said', () => {
  it('go on with what is told, and never back', () => {
    const said = message(1, { direction: 'outbound', outcome: 'sent' })
    expect(tickOf(NO_PROGRESS, said)).toEqual({ status: 'sent', code: null })
    const read = withChange(NO_PROGRESS, change('read'))
    expect(tickOf(withChange(read, change('delivered')), said)).toEqual({ status: 'read', code: null })
    expect(tickOf(withChange(NO_PROGRESS, change('accepted')), said)).toEqual({ status: 'sent', code: null })
  })

  it('end where it was rejected, with the code', () => {
    expect(tickOf(NO_PROGRESS, message(1, { direction: 'outbound', outcome: 'rejected: 463' }))).toEqual({
      status: 'rejected',
      code: 463,
    })
    const rejected = { status: 'rejected', code: 463 } as const
    expect(furthest(rejected, { status: 'accepted', code: null })).toEqual(rejected)
    expect(furthest({ status: 'accepted', code: null }, rejected)).toEqual(rejected)
  })
})

describe('where a turn stands', () => {
  const turn = (status: WireTurn['status']): WireTurn => ({
    id: 'trn_1',
    account: 'default',
    message_id: message(1).id,
    pieces: 1,
    agent: 'echo',
    status,
    code: null,
    failure: null,
    attempt: 1,
    began_at: null,
    deadline_at: null,
    step: null,
    waits_for: null,
    queued_at: '2026-01-05T10:00:00.000Z',
    next_at: null,
    ended_at: null,
  })

  it('is what was told of it rather than what was listed, until the host begins to tell anew', () => {
    const told = withListed(withTurn(NO_PROGRESS, turn('answered')), [turn('running')])
    expect(told.turns.get(message(1).id)?.status).toBe('answered')
    const again = withListed(withBeginning(withTurn(NO_PROGRESS, turn('running'))), [turn('answered')])
    expect(again.turns.get(message(1).id)?.status).toBe('answered')
  })
})

describe('how much comes and goes, and how long it takes', () => {
  const now = Date.UTC(2026, 0, 5, 10, 0, 30)
  const mark = (id: string, ago: number, direction: 'inbound' | 'outbound') => ({ id, at: now - ago, direction })

  it('is counted by minutes of the clock, each message once', () => {
    const first = [mark('a', 0, 'inbound'), mark('b', 31_000, 'outbound'), mark('c', 62 * MINUTE_MS, 'inbound')]
    const marks = withMarks(first, [mark('a', 0, 'inbound'), mark('d', 20_000, 'inbound')], now - 60 * MINUTE_MS)
    expect(marks.map(({ id }) => id)).toEqual(['a', 'b', 'd'])
    expect(perMinute(marks, now, 3)).toEqual([
      { startsAt: Date.UTC(2026, 0, 5, 9, 58), inbound: 0, outbound: 0 },
      { startsAt: Date.UTC(2026, 0, 5, 9, 59), inbound: 0, outbound: 1 },
      { startsAt: Date.UTC(2026, 0, 5, 10, 0), inbound: 2, outbound: 0 },
    ])
  })

  it('is told for each part of the way, and null where a message has not come so far', () => {
    const hops = {
      received_at: '2026-01-05T10:00:00.000Z',
      turn_queued_at: '2026-01-05T10:00:00.012Z',
      turn_ended_at: '2026-01-05T10:00:01.012Z',
      first_reply_sent_at: null,
    }
    expect(hopsOf({ message_id: 'msg_1', hops })).toEqual({ id: 'msg_1', stored: 12, agent: 1_000, whole: null })
  })

  it('has a median, and none of nothing', () => {
    expect(median([])).toBeNull()
    expect(median([5, 1, 100])).toBe(5)
    expect(median([4, 1, 2, 100])).toBe(3)
    expect([12.4, 1_400, 180_000].map(spanWords)).toEqual(['12 ms', '1.4 s', '3 min'])
  })
})
