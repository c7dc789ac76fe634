import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { SendClass } from '../../../plugin/contract/delivery.ts'
import { DEFAULT_LIMITS, type Limits } from '../../../plugin/config/send-limits.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../plugin/base/durations.ts'
import {
  type PastSend,
  type Standing,
  type WaitingSend,
  drawPace,
  earliestAt,
  planPaced,
  planUnpaced,
  unwantedStop,
} from '../../../plugin/outbox/send-schedule.ts'

const START = Date.UTC(2026, 0, 5)

const standing = (more: Partial<Standing> = {}): Standing => ({
  limits: DEFAULT_LIMITS,
  now: START,
  linkedAt: START - 100 * DAY_MS,
  unwanted: [],
  bannedUntil: null,
  lockedUntil: null,
  ...more,
})

const waitingSend = (kind: SendClass, more: Partial<WaitingSend> = {}): WaitingSend => ({
  chatKey: 'per_a',
  class: kind,
  seq: 1,
  notBefore: 0,
  gapMs: 0,
  transmittedAt: null,
  ...more,
})

const past = (kind: SendClass, agesMs: readonly number[], chatKey = 'per_a'): PastSend[] =>
  agesMs.map(ageMs => ({ chatKey, class: kind, at: START - ageMs }))

/** How long from now the next send of a class waits, in ms; below zero when it may go. */
const waitOf = (send: WaitingSend, sent: readonly PastSend[], more: Partial<Standing> = {}): number =>
  earliestAt(send, sent, standing(more)) - START

const agesBack = (count: number, stepMs: number): number[] =>
  Array.from({ length: count }, (_, index) => (count - index) * stepMs)

describe('what is drawn for a send', () => {
  it('types the first reply for 1 to 3 s and 30 ms a character, and never beyond 8 s', () => {
    const delay = (characters: number, random: number) =>
      drawPace({ class: 'reply', firstReply: true, characters }, DEFAULT_LIMITS, () => random).delayMs
    expect([delay(0, 0), delay(0, 1), delay(100, 0), delay(10_000, 0)]).toEqual([1_000, 3_000, 4_000, 8_000])
  })

  it('delays no later reply, and spaces what speaks first by 10 to 30 s', () => {
    const draw = (kind: SendClass, random: number) =>
      drawPace({ class: kind, firstReply: false, characters: 9 }, DEFAULT_LIMITS, () => random)
    expect(draw('reply', 0.5)).toEqual({ delayMs: 0, gapMs: 0 })
    expect([draw('cold', 0).gapMs, draw('proactive', 1).gapMs]).toEqual([10_000, 30_000])
  })
})

describe('a reply', () => {
  it('comes 2 s after the one before it in its chat', () => {
    expect(waitOf(waitingSend('reply'), past('reply', [500]))).toBe(1_500)
    expect(waitOf(waitingSend('reply'), past('reply', [500], 'per_b'))).toBeLessThanOrEqual(0)
  })

  it('is one of 10 a minute in its chat, and of 20 a minute and 300 an hour of the account', () => {
    expect(waitOf(waitingSend('reply'), past('reply', agesBack(10, 5_000)))).toBe(10_000)
    expect(waitOf(waitingSend('reply'), past('reply', agesBack(20, 2_500), 'per_b'))).toBe(10_000)
    expect(waitOf(waitingSend('reply'), past('reply', agesBack(300, 11_000), 'per_b'))).toBe(HOUR_MS - 300 * 11_000)
  })

  it('does not wait before its time to type is over', () => {
    expect(waitOf(waitingSend('reply', { notBefore: START + 2_500 }), [])).toBe(2_500)
  })
})

describe('what speaks first', () => {
  it('leaves 6 s to the same person, and what was drawn between any two', () => {
    expect(waitOf(waitingSend('proactive', { gapMs: 17_000 }), past('proactive', [2_000], 'per_b'))).toBe(15_000)
    expect(waitOf(waitingSend('proactive'), past('cold', [2_000], 'per_b'))).toBe(8_000)
    const limits = { ...DEFAULT_LIMITS, proactive_account_gap_seconds: 0 }
    expect(waitOf(waitingSend('proactive'), past('proactive', [2_000]), { limits })).toBe(4_000)
  })

  it('is one of 60 an hour and of 200 a day', () => {
    expect(waitOf(waitingSend('proactive'), past('proactive', agesBack(60, 50_000)))).toBe(HOUR_MS - 3_000_000)
    expect(waitOf(waitingSend('proactive'), past('proactive', agesBack(200, 400_000)))).toBe(DAY_MS - 80_000_000)
  })

  it('to a stranger is one of 5 a day on a new link, and of 10 later', () => {
    const five = past('cold', agesBack(5, HOUR_MS))
    expect(waitOf(waitingSend('cold'), five, { linkedAt: START - 9 * DAY_MS })).toBe(DAY_MS - 5 * HOUR_MS)
    expect(waitOf(waitingSend('cold'), five)).toBeLessThanOrEqual(0)
    expect(waitOf(waitingSend('cold'), past('cold', agesBack(10, HOUR_MS)))).toBe(DAY_MS - 10 * HOUR_MS)
  })

  it('stops for strangers at the first refusal as unwanted, and for everybody at the third within an hour', () => {
    const once = [START - HOUR_MS]
    expect(waitOf(waitingSend('cold'), [], { unwanted: once })).toBe(23 * HOUR_MS)
    expect(waitOf(waitingSend('proactive'), [], { unwanted: once })).toBeLessThanOrEqual(0)
    const thrice = [START - 50 * MINUTE_MS, START - 20 * MINUTE_MS, START - MINUTE_MS]
    expect(waitOf(waitingSend('proactive'), [], { unwanted: thrice })).toBe(DAY_MS - MINUTE_MS)
    expect(waitOf(waitingSend('reply'), [], { unwanted: thrice })).toBeLessThanOrEqual(0)
    expect(unwantedStop([START - 70 * MINUTE_MS, START - 20 * MINUTE_MS, START])).toBe(0)
  })
})

describe('any send', () => {
  it('in a group comes 30 s after the last there, and is one of 20 an hour', () => {
    const group = { chatKey: '1@g.us' }
    expect(waitOf(waitingSend('group', group), past('group', [10_000], '1@g.us'))).toBe(20_000)
    expect(waitOf(waitingSend('group', group), past('group', [10_000], '2@g.us'))).toBeLessThanOrEqual(0)
    expect(waitOf(waitingSend('group', group), past('group', agesBack(20, 60_000), '1@g.us'))).toBe(40 * MINUTE_MS)
  })

  it.each([
    [1, 50],
    [4, 150],
    [9, 300],
  ])('of a link that is %i days old is one of %i a day', (days, count) => {
    const stepMs = 4 * MINUTE_MS
    const sent = agesBack(count, stepMs).map(ageMs => ({
      chatKey: 'per_b',
      class: 'reply' as const,
      at: START - ageMs,
    }))
    const linkedAt = START - days * DAY_MS
    expect(waitOf(waitingSend('reply'), sent, { linkedAt })).toBe(DAY_MS - count * stepMs)
    expect(waitOf(waitingSend('reply'), sent)).toBeLessThanOrEqual(0)
  })

  it('waits for the end of a ban, also one that goes out again', () => {
    const bannedUntil = START + HOUR_MS
    for (const kind of ['reply', 'group', 'proactive', 'cold'] as const) {
      expect(waitOf(waitingSend(kind), [], { bannedUntil })).toBe(HOUR_MS)
      expect(waitOf(waitingSend(kind, { transmittedAt: START }), [], { bannedUntil })).toBe(HOUR_MS)
    }
  })

  it('never goes when its count is set to none', () => {
    const limits = { ...DEFAULT_LIMITS, cold_per_day: 0 }
    expect(earliestAt(waitingSend('cold'), [], standing({ limits }))).toBe(Infinity)
  })
})

describe('the order within a chat', () => {
  it('is that of acceptance, whatever the class', () => {
    const older = waitingSend('proactive', { seq: 1, notBefore: START + 20_000 })
    const reply = waitingSend('reply', { seq: 2, notBefore: START })
    expect(planPaced([older, reply], [], standing())).toEqual({ now: [], nextAt: START + 20_000 })
    expect(planUnpaced([reply, older]).now).toEqual([older])
  })

  it('lets a reply wait for a minute at most', () => {
    const older = waitingSend('cold', { seq: 1 })
    const reply = waitingSend('reply', { seq: 2, notBefore: START - MINUTE_MS })
    const unwanted = [START - 1]
    expect(planPaced([older, reply], [], standing({ unwanted })).now).toEqual([reply])
    const early = standing({ unwanted, now: START - 1 })
    expect(planPaced([older, reply], [], early)).toEqual({ now: [], nextAt: START })
  })

  it('holds no other chat up', () => {
    const sends = ['per_a', 'per_b', 'per_c'].map((chatKey, seq) => waitingSend('reply', { chatKey, seq }))
    expect(planPaced(sends, [], standing()).now).toEqual(sends)
  })
})

type Rule = { of: (each: PastSend) => string | null; windowMs: number; most: (at: number) => number }

/** The table of reliability.md §6 again, said in another way than the code says it. */
function rulesOf(limits: Limits, linkedAt: number): Rule[] {
  const within = (windowMs: number, most: number, of: Rule['of']): Rule => ({ of, windowMs, most: () => most })
  const only = (kinds: SendClass[], by: 'chat' | 'account') => (each: PastSend) =>
    kinds.includes(each.class) ? (by === 'chat' ? each.chatKey : 'account') : null
  const first: SendClass[] = ['proactive', 'cold']
  const daysAt = (at: number) => (at - linkedAt) / DAY_MS
  const newLink = (at: number): number => {
    if (daysAt(at) < 2) return limits.days_1_to_2_per_day
    if (daysAt(at) < 5) return limits.days_3_to_5_per_day
    return daysAt(at) < 10 ? limits.days_6_to_10_per_day : Infinity
  }
  const cold = (at: number) => (daysAt(at) < 10 ? limits.cold_per_day_at_first : limits.cold_per_day)
  return [
    within(limits.reply_gap_seconds * 1_000, 1, only(['reply'], 'chat')),
    within(MINUTE_MS, limits.replies_per_chat_minute, only(['reply'], 'chat')),
    within(MINUTE_MS, limits.replies_per_minute, only(['reply', 'group'], 'account')),
    within(HOUR_MS, limits.replies_per_hour, only(['reply', 'group'], 'account')),
    within(limits.proactive_gap_seconds * 1_000, 1, only(first, 'chat')),
    within(limits.proactive_account_gap_seconds * 1_000, 1, only(first, 'account')),
    within(HOUR_MS, limits.proactive_per_hour, only(first, 'account')),
    within(DAY_MS, limits.proactive_per_day, only(first, 'account')),
    within(limits.group_gap_seconds * 1_000, 1, only(['group'], 'chat')),
    within(HOUR_MS, limits.group_per_hour, only(['group'], 'chat')),
    { of: only(['cold'], 'account'), windowMs: DAY_MS, most: cold },
    { of: () => 'account', windowMs: DAY_MS, most: newLink },
  ]
}

/** The instants at which a rule was broken. */
function broken(sent: readonly PastSend[], { of, windowMs, most }: Rule): number[] {
  return sent.flatMap(each => {
    const scope = of(each)
    const inWindow = sent.filter(other => of(other) === scope && other.at > each.at - windowMs && other.at <= each.at)
    return scope !== null && inWindow.length > most(each.at) ? [each.at] : []
  })
}

type Arrival = { at: number; kind: SendClass; chat: number; delayMs: number; extraMs: number }

const arrival: fc.Arbitrary<Arrival> = fc.record({
  at: fc.integer({ min: 0, max: 3 * HOUR_MS }),
  kind: fc.constantFrom('reply', 'group', 'proactive', 'cold'),
  chat: fc.integer({ min: 0, max: 3 }),
  delayMs: fc.integer({ min: 0, max: 8_000 }),
  extraMs: fc.integer({ min: 0, max: 20_000 }),
})

// Low enough for a short stream to meet each of them.
const TIGHT: Limits = {
  ...DEFAULT_LIMITS,
  replies_per_chat_minute: 2,
  replies_per_minute: 3,
  replies_per_hour: 6,
  proactive_per_hour: 4,
  proactive_per_day: 7,
  cold_per_day_at_first: 1,
  cold_per_day: 2,
  group_per_hour: 3,
  days_1_to_2_per_day: 8,
  days_3_to_5_per_day: 12,
  days_6_to_10_per_day: 20,
}

/** Plays a stream: what the planner lets go is noted, and nothing but that is remembered from one look to the next. */
function play(arrivals: readonly Arrival[], limits: Limits, linkedAt: number): { sent: PastSend[]; left: number } {
  let waiting = arrivals.map((each, seq): WaitingSend & { at: number } => ({
    at: START + each.at,
    chatKey: each.kind === 'group' ? `${each.chat}@g.us` : `per_${each.chat}`,
    class: each.kind,
    seq,
    notBefore: START + each.at + each.delayMs,
    gapMs: limits.proactive_account_gap_seconds * 1_000 + each.extraMs,
    transmittedAt: null,
  }))
  const sent: PastSend[] = []
  let now = START
  for (let looks = 0; waiting.length > 0 && looks < 5_000; looks += 1) {
    const there = waiting.filter(each => each.at <= now)
    const plan = planPaced(there, sent, standing({ limits, linkedAt, now }))
    for (const send of plan.now) sent.push({ chatKey: send.chatKey, class: send.class, at: now })
    waiting = waiting.filter(send => !plan.now.includes(send))
    const nextArrival = Math.min(...waiting.filter(each => each.at > now).map(each => each.at))
    if (plan.now.length === 0) now = Math.min(plan.nextAt, nextArrival, now + HOUR_MS)
  }
  return { sent, left: waiting.length }
}

describe('whatever is to be said', () => {
  it('never exceeds a limit, and is all said in the end', () => {
    const ages = fc.integer({ min: 0, max: 12 })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 40 }), ages, fc.boolean(), (arrivals, days, tight) => {
        const limits = tight ? TIGHT : DEFAULT_LIMITS
        const linkedAt = START - days * DAY_MS
        const { sent, left } = play(arrivals, limits, linkedAt)
        expect(left).toBe(0)
        for (const rule of rulesOf(limits, linkedAt)) expect(broken(sent, rule)).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})
