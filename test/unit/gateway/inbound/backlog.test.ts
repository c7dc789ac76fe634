import type { BinaryNode } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Backlog } from '../../../../plugin/contract/connection.ts'
import { createBacklog } from '../../../../plugin/gateway/inbound/backlog.ts'

const HOUR_MS = 3_600_000
const PATIENCE_MS = 30_000
const QUIET_MS = 10_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const preview = (count?: string): BinaryNode => ({
  tag: 'ib',
  attrs: {},
  content: [{ tag: 'offline_preview', attrs: count === undefined ? {} : { count } }],
})
const end: BinaryNode = { tag: 'ib', attrs: {}, content: [{ tag: 'offline', attrs: {} }] }
const waited: BinaryNode = { tag: 'receipt', attrs: { offline: '0' } }
const live: BinaryNode = { tag: 'receipt', attrs: {} }

/** An account whose lines are followed; what was done is in the order in which it was. */
function followed() {
  const done: string[] = []
  const told: (Backlog | null)[] = []
  const over: number[] = []
  const follow = createBacklog({
    times: { quietMs: QUIET_MS, pageEndMs: 100, pagePatienceMs: PATIENCE_MS, renewalPauseMs: HOUR_MS },
    elapsed: () => Date.now(),
    told: backlog => told.push(backlog),
    over: () => over.push(Date.now()),
  })
  const line = () =>
    follow({
      ask: count => done.push(`ask ${count}`),
      renew: () => done.push('renew'),
      stalled: isStalled => done.push(isStalled ? 'stalled' : 'going on'),
    })
  return { line, told, over, take: () => done.splice(0) }
}

const page = (hear: (stanza: BinaryNode) => void, size: number): void => {
  for (let count = 0; count < size; count += 1) hear(waited)
}

describe('the backlog of an account', () => {
  it('is asked for after the primer and after each page, and not after its end', () => {
    const { line, told, take } = followed()
    const { heard } = line()
    heard(preview('305'))
    page(heard, 105)
    vi.advanceTimersByTime(100)
    page(heard, 200)
    heard(end)
    vi.advanceTimersByTime(HOUR_MS)
    expect(take()).toEqual(['ask 200'])
    expect(told).toEqual([{ total: 305, done: 0 }, { total: 305, done: 105 }, null])
  })

  it('is not asked for when nothing was announced and nothing comes, or when what comes did not wait', () => {
    const { line, told, take } = followed()
    for (const stanza of [preview('0'), preview(), preview('x'), live]) line().heard(stanza)
    vi.advanceTimersByTime(HOUR_MS)
    expect([take(), told]).toEqual([[], []])
  })

  it('is not asked for at each stanza that trickles in', () => {
    const { line, take } = followed()
    const { heard } = line()
    heard(preview('1000'))
    for (let count = 0; count < 100; count += 1) {
      heard(waited)
      vi.advanceTimersByTime(150)
    }
    expect(take().length).toBeLessThanOrEqual(31)
  })

  it('is asked for again, costs one line an hour, and stalls meanwhile', () => {
    const { line, told, take } = followed()
    const first = line()
    first.heard(preview('9'))
    vi.advanceTimersByTime(PATIENCE_MS)
    expect(take()).toEqual(['ask 200'])
    vi.advanceTimersByTime(PATIENCE_MS)
    expect(take()).toEqual(['renew'])
    first.ended()
    const second = line()
    second.heard(preview('9'))
    vi.advanceTimersByTime(2 * PATIENCE_MS)
    expect(take()).toEqual(['ask 200', 'stalled', 'ask 200'])
    vi.advanceTimersByTime(HOUR_MS)
    expect(take().filter(each => each === 'renew')).toHaveLength(1)
    second.ended()
    expect(told.at(-1)).toBeNull()
    expect(take()).toEqual([])
  })

  it('goes on when it comes after all', () => {
    const { line, take } = followed()
    for (const _ of [1, 2]) {
      const { heard, ended } = line()
      heard(preview('9'))
      vi.advanceTimersByTime(2 * PATIENCE_MS)
      if (take().includes('renew')) ended()
      else page(heard, 9)
      vi.advanceTimersByTime(100)
    }
    expect(take().slice(0, 1)).toEqual(['going on'])
  })

  it('has what came before it was announced', () => {
    const { line, told, take } = followed()
    const { heard } = line()
    page(heard, 4)
    heard(preview('9'))
    page(heard, 5)
    vi.advanceTimersByTime(HOUR_MS)
    expect(told).toEqual([{ total: 9, done: 4 }, { total: 9, done: 9 }, null])
    expect(take()).not.toContain('renew')
  })

  it('has no fewer than came before it was announced, and begins again when another one is', () => {
    const { line, told } = followed()
    const { heard } = line()
    page(heard, 4)
    heard(preview('3'))
    heard(preview('7'))
    expect(told).toEqual([
      { total: 4, done: 4 },
      { total: 7, done: 0 },
    ])
  })

  // What whatsapp-rust#125 saw of such a line: nothing that is written now came on it any more.
  it('stalls when less comes than was announced and nobody says that it was all, until a new line announces nothing', () => {
    const { line, told, take } = followed()
    const stallsOn = (): ReturnType<typeof line> => {
      const made = line()
      made.heard(preview('9'))
      page(made.heard, 5)
      vi.advanceTimersByTime(3 * PATIENCE_MS)
      return made
    }
    stallsOn().ended()
    expect(take()).toContain('renew')
    stallsOn().ended()
    expect(take()).toContain('stalled')
    expect(told.at(-1)).toBeNull()
    const { heard } = line()
    heard(live)
    vi.advanceTimersByTime(HOUR_MS)
    expect([take(), told.at(-1)]).toEqual([[], null])
  })

  it('is missed whatever is written meanwhile: only what waited is a page', () => {
    const { line, take } = followed()
    const { heard } = line()
    heard(preview('9'))
    for (let ms = 0; ms < 2 * PATIENCE_MS; ms += 1_000) {
      heard(live)
      vi.advanceTimersByTime(1_000)
    }
    expect(take()).toEqual(['ask 200', 'renew'])
  })

  it('is over when all that was announced has come, though nobody says so', () => {
    const { line, told, take } = followed()
    const { heard } = line()
    heard(preview('9'))
    page(heard, 9)
    vi.advanceTimersByTime(HOUR_MS)
    expect(told.at(-1)).toBeNull()
    expect(take()).not.toContain('renew')
  })

  it('is over once on each line, whatever was said of it, and never because the line is lost', () => {
    const heardOn = {
      'nothing waits': [preview('0'), end],
      'nobody announces': [end],
      'all of it': [preview('2'), waited, waited, end],
      'two ends': [preview('1'), waited, end, end],
    }
    for (const [name, stanzas] of Object.entries(heardOn)) {
      const { line, over } = followed()
      const { heard, opened, ended } = line()
      opened()
      expect(over, name).toEqual([])
      for (const stanza of stanzas) heard(stanza)
      ended()
      vi.advanceTimersByTime(HOUR_MS)
      expect(over, name).toHaveLength(1)
    }
    const { line, over } = followed()
    const lost = line()
    lost.opened()
    lost.heard(preview('9'))
    lost.ended()
    vi.advanceTimersByTime(HOUR_MS)
    expect(over).toEqual([])
  })

  it('is over when WhatsApp says nothing of it for a while on an open line, and not before that', () => {
    const { line, over, take } = followed()
    const { heard, opened } = line()
    vi.advanceTimersByTime(HOUR_MS)
    expect(over).toEqual([])
    opened()
    vi.advanceTimersByTime(QUIET_MS - 1)
    heard(live)
    expect(over).toEqual([])
    vi.advanceTimersByTime(1)
    expect(over).toHaveLength(1)
    expect(take()).toEqual([])
  })

  it('is not over after that while comes what nobody announced, nor while it stalls', () => {
    const unsaid = followed()
    const first = unsaid.line()
    first.opened()
    vi.advanceTimersByTime(QUIET_MS - 1)
    first.heard(waited)
    vi.advanceTimersByTime(PATIENCE_MS)
    expect(unsaid.over).toEqual([])
    vi.advanceTimersByTime(2 * PATIENCE_MS)
    expect(unsaid.over).toHaveLength(1)

    const short = followed()
    for (const _ of [1, 2]) {
      const { heard, opened, ended } = short.line()
      heard(preview('9'))
      opened()
      vi.advanceTimersByTime(2 * PATIENCE_MS)
      if (short.take().includes('renew')) ended()
    }
    vi.advanceTimersByTime(HOUR_MS / 2)
    expect(short.over).toEqual([])
  })

  it('never throws, and never has more than there is, whatever is announced and comes', () => {
    const count = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.constantFrom('', '-1', '1e9', '0x10', '9'.repeat(30)),
    )
    const step = fc.oneof(
      count.map(each => preview(each)),
      fc.constantFrom(preview(), end, waited, live, { tag: 'ib', attrs: { offline: '1' } }),
      fc.constantFrom<BinaryNode>({ tag: 'ib', attrs: {}, content: 'text' }, { tag: '', attrs: { offline: '' } }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), steps => {
        const { line, told } = followed()
        const { heard, ended } = line()
        for (const stanza of steps) {
          heard(stanza)
          vi.advanceTimersByTime(700)
        }
        ended()
        for (const each of told) if (each) expect(each.done).toBeLessThanOrEqual(each.total)
        if (told.length > 0) expect(told.at(-1)).toBeNull()
        expect(vi.getTimerCount()).toBe(0)
      }),
      { numRuns: 3_000 },
    )
  })
})
