import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { MessageTraces } from '../../../plugin/history/message-trace.ts'
import { type Limits, limitsOf } from '../../../plugin/config/send-limits.ts'
import { MINUTE_MS } from '../../../plugin/base/durations.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { answering, boundStore } from '../../support/answering.ts'
import { pass, START, stopTime } from '../../support/paced-outbox.ts'
import { ALICE, BOB, ORG, textFrom } from '../../support/store.ts'
import { outcomes } from '../../support/turns.ts'

const linesOf = (sender: typeof ALICE, count: number) =>
  Array.from({ length: count }, (_, line) => textFrom(sender, `line ${line}`))
const SOON: Partial<Limits> = { reply_gap_seconds: 0, replies_per_minute: 1_000, days_1_to_2_per_day: 1_000 }

describe('what a chat has no place for yet', () => {
  let time: Disposable
  beforeEach(() => void (time = stopTime()))
  afterEach(() => time[Symbol.dispose]())

  it('waits for it, is shown with the instant, and goes out then', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, limitsOf({ ...SOON, replies_per_chat_minute: 3 }))
    await stages.receive(...linesOf(ALICE, 7), textFrom(BOB, 'and I?'))
    await stages.line('turn ended', 8)
    await pass(5_000)
    expect(stages.gateway.texts.filter(text => text !== 'and I?')).toEqual(['line 0', 'line 1', 'line 2'])
    expect(stages.gateway.texts).toContain('and I?')
    const fourth = (await stages.listed()).find(({ status }) => status === 'accepted')
    const firstSentAt = START + 1_000 + 30 * 'line 0'.length
    expect(fourth).toMatchObject({ position: 0, earliestAt: firstSentAt + MINUTE_MS })

    await pass(MINUTE_MS)
    expect(stages.gateway.texts.slice(4)).toEqual(['line 3', 'line 4', 'line 5'])
    await pass(MINUTE_MS)
    expect(stages.gateway.texts.slice(7)).toEqual(['line 6'])
    expect((await outcomes(opened.store)).filter(line => line.includes('dead_letter'))).toEqual([])
  })

  it('is found in the course of its message with the instant', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, limitsOf({ ...SOON, replies_per_chat_minute: 1 }))
    await stages.receive(...linesOf(ALICE, 2))
    await stages.line('turn ended', 2)
    await pass(5_000)
    const [, second] = await listMessages(opened.store.connection, ORG, { after: 0, limit: 2 })
    const courses = new MessageTraces(opened.store, stages.deliveries, () => ({ approvers: new Set() }))
    const waiting = await courses.of(ORG, second?.id ?? '')
    const at = new Date(START + 1_000 + 30 * 'line 0'.length + MINUTE_MS).toISOString()
    expect(waiting.replies).toMatchObject([{ status: 'accepted', earliest_at: at }])
    await pass(MINUTE_MS)
    expect((await courses.of(ORG, second?.id ?? '')).replies).toMatchObject([{ status: 'sent', earliest_at: null }])
  })

  it('has its place also after a restart, once', async () => {
    await using opened = await boundStore()
    const limits = limitsOf({ ...SOON, replies_per_chat_minute: 3 })
    const first = await answering(opened.store, limits)
    await first.receive(...linesOf(ALICE, 5))
    await first.line('turn ended', 5)
    await pass(5_000)
    await first[Symbol.asyncDispose]()
    await using again = await opened.reopened()
    await using second = await answering(again.store, limits)
    await pass(5_000)
    expect(second.gateway.texts).toEqual([])
    await pass(MINUTE_MS)
    expect(second.gateway.texts).toEqual(['line 3', 'line 4'])
    await pass(3 * MINUTE_MS)
    expect(second.gateway.texts).toHaveLength(2)
  })

  it.each([limitsOf({}), null])('a dozen pictures at once are answered completely: %#', async limits => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, limits, {
      run: async function* told({ message }) {
        yield `seen ${message.id}`
      },
    })
    const media = { kind: 'image', mime: null, sizeBytes: null, fileName: null, seconds: null } as const
    const content = { kind: 'media', media: { ...media, viewOnce: false, album: null }, caption: '' } as const
    await stages.receive(...Array.from({ length: 12 }, () => textFrom(ALICE, '', { content })))
    await stages.line('turn ended', 12)
    await pass(3 * MINUTE_MS)
    expect(new Set(stages.gateway.texts).size).toBe(12)
  })
})

describe('an agent that never ends', () => {
  it('comes to rest after a hundred replies in a turn, and its chat goes on', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, {
      run: async function* babbling({ message }) {
        if (message.text === 'and now?') yield 'done'
        else for (let said = 1; ; said += 1) yield `and ${said}`
      },
    })
    await stages.receive(textFrom(ALICE, 'hello'))
    expect((await stages.line('turn ended')).fields).toMatchObject({ status: 'dead_letter', code: 'reply_cap' })
    await expect.poll(() => stages.gateway.texts, { timeout: 30_000 }).toHaveLength(100)
    await stages.receive(textFrom(ALICE, 'and now?'))
    await expect.poll(() => stages.gateway.texts.at(-1), { timeout: 10_000 }).toBe('done')
  })
})
