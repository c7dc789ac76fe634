import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { DEFAULT_ACCOUNT } from '../../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { DEFAULT_LIMITS, limitsOf } from '../../../plugin/config/send-limits.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { SuspectedLoops } from '../../../plugin/safeguards/suspected-loops.ts'
import { answering, boundStore } from '../../support/answering.ts'
import { keptLog } from '../../support/host.ts'
import { pass, stopTime } from '../../support/paced-outbox.ts'
import { ACCOUNT, ALICE, BOB, GROUP, ORG, given, person, textFrom } from '../../support/store.ts'
import { outcomes } from '../../support/turns.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const loops = DEFAULT_LIMITS
const CAROL = person('333333333333333', '972500000004')

/** As WhatsApp stamps it: whole seconds. */
const says = (sender: typeof ALICE, text: string, more: Partial<InboundMessage> = {}) =>
  textFrom(sender, text, { sentAt: Math.floor(Date.now() / SECOND_MS) * SECOND_MS, receivedAt: Date.now(), ...more })

type Stages = Awaited<ReturnType<typeof answering>>

/** Whatever is said to Alice, she answers after a while, in other words each time, as long as `most` allows. */
function machine(stages: Stages, afterMs: number, most = 1_000): void {
  let said = 0
  stages.gateway.answer = () => {
    said += 1
    if (said <= most) setTimeout(() => void stages.receive(says(ALICE, `and ${said}?`)), afterMs)
    return { outcome: 'sent' }
  }
}

const held = async (store: Store): Promise<string[]> =>
  (await outcomes(store)).filter(line => line.endsWith('unmatched: loop_suspected'))
const answered = async (store: Store): Promise<number> =>
  (await outcomes(store)).filter(line => line.endsWith('→ answered')).length

/** Writes something each so many ms, and lets the last of it be answered. */
async function writes(stages: Stages, { everyMs, times }: { everyMs: number; times: number }, text = 'line') {
  for (let line = 0; line < times; line += 1) {
    await stages.receive(says(ALICE, `${text} ${line}`))
    await stages.inbox.wake(ACCOUNT)
    await pass(everyMs)
  }
}

describe('two machines that answer each other', () => {
  let time: Disposable
  beforeEach(() => void (time = stopTime()))
  afterEach(() => time[Symbol.dispose]())

  it.each([
    ['paced', limitsOf({})],
    ['unpaced', null],
  ])('come to rest at the twentieth turn that follows hard on a reply: %s', async (_, limits) => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, limits, { loops })
    machine(stages, 1_500)
    await stages.receive(says(ALICE, 'hello'))
    await pass(10 * MINUTE_MS)
    expect(stages.gateway.texts).toHaveLength(20)
    expect(await held(opened.store)).toEqual(['and 20? → unmatched: loop_suspected'])
    stages.gateway.answer = () => ({ outcome: 'sent' })
    await stages.receive(says(ALICE, 'still there?'), says(BOB, 'and I?'))
    await pass(MINUTE_MS)
    expect(stages.gateway.texts.slice(20)).toEqual(['and I?'])
    expect(await held(opened.store)).toHaveLength(2)
  })

  it('come to rest at as many also when the process died in between', async () => {
    await using opened = await boundStore()
    const first = await answering(opened.store, null, { loops })
    machine(first, 1_500, 11)
    await first.receive(says(ALICE, 'hello'))
    await pass(MINUTE_MS)
    expect(first.gateway.texts).toHaveLength(12)
    await using again = await opened.reopened()
    await first[Symbol.asyncDispose]()
    await using second = await answering(again.store, null, { loops })
    machine(second, 1_500)
    await second.receive(says(ALICE, 'are you back?'))
    await pass(10 * MINUTE_MS)
    expect(await answered(again.store)).toBeLessThanOrEqual(12 + 1 + 20)
    expect(await held(again.store)).toHaveLength(1)
  })

  it('come to rest sooner where the settings say so', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, { loops: { ...loops, loop_quick_turns: 4 } })
    machine(stages, 1_500)
    await stages.receive(says(ALICE, 'hello'))
    await pass(MINUTE_MS)
    expect(stages.gateway.texts).toHaveLength(4)
  })

  it('that say two things at once come to rest as well', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, { loops })
    let said = 0
    stages.gateway.answer = () => {
      said += 1
      const now = said
      const two = () => [says(ALICE, `first of ${now}`), says(ALICE, `second of ${now}`)]
      if (said < 500) setTimeout(() => void stages.receive(...two()), 1_500)
      return { outcome: 'sent' }
    }
    await stages.receive(says(ALICE, 'hello'))
    await pass(10 * MINUTE_MS)
    expect(said).toBeLessThan(50)
    expect((await held(opened.store)).length).toBeGreaterThan(0)
  })
})

describe('a person who writes', () => {
  let time: Disposable
  beforeEach(() => void (time = stopTime()))
  afterEach(() => time[Symbol.dispose]())

  it.each([
    ['as fast as fingers can', limitsOf({}), { everyMs: 2_500, times: 40 }],
    ['eleven seconds after each answer', null, { everyMs: 11_000, times: 40 }],
    ['a burst of everything at once', null, { everyMs: 0, times: 19 }],
  ])('%s is answered completely', async (_, limits, pace) => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, limits, { loops })
    await writes(stages, pace)
    await pass(10 * MINUTE_MS)
    expect(await held(opened.store)).toEqual([])
    expect(await answered(opened.store)).toBe(pace.times)
  })

  it('quickly nineteen times, and stops to think, and again, is answered completely', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, { loops })
    for (const round of ['one', 'two', 'three']) {
      await writes(stages, { everyMs: 5_000, times: 19 }, round)
      await pass(15_000)
    }
    expect(await held(opened.store)).toEqual([])
    expect(await answered(opened.store)).toBe(57)
  })

  it('while we are away, for an hour, is answered completely when it comes, one after the other', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, { loops })
    const began = Date.now() - 60 * MINUTE_MS
    for (let line = 0; line < 40; line += 1) {
      await stages.receive(says(ALICE, `line ${line}`, { sentAt: began + line * MINUTE_MS }))
      await pass(100)
    }
    expect(await held(opened.store)).toEqual([])
    expect(await answered(opened.store)).toBe(40)
  })
})

describe('one text', () => {
  let time: Disposable
  beforeEach(() => void (time = stopTime()))
  afterEach(() => time[Symbol.dispose]())

  const six = Array.from({ length: 6 }, (_, minute) => minute)

  it.each([
    ['for the sixth time within ten minutes is a loop', 110, 1],
    ['for the sixth time within more than ten minutes is none', 121, 0],
  ])('%s', async (_, seconds, loopsThere) => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, { loops })
    for (const minute of six) {
      await stages.receive(says(ALICE, 'Out of office'), says(ALICE, `${minute}`))
      await pass(seconds * SECOND_MS)
    }
    expect((await held(opened.store)).filter(line => line.startsWith('Out of office'))).toHaveLength(loopsThere)
    expect(await answered(opened.store)).toBe(loopsThere === 0 ? 12 : 10)
  })

  it('of many people, and pictures without words, are no loop', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, { loops })
    const media = { kind: 'image', mime: null, sizeBytes: null, fileName: null, seconds: null } as const
    const content = { kind: 'media', media: { ...media, viewOnce: false, album: null }, caption: '' } as const
    const people = [ALICE, BOB, CAROL]
    await stages.receive(...people.flatMap(each => [1, 2, 3].map(() => says(each, 'me too', { chat: GROUP }))))
    await stages.receive(...Array.from({ length: 12 }, () => says(ALICE, '', { content })))
    await pass(MINUTE_MS)
    expect(await held(opened.store)).toEqual([])
  })

  it('of one person in a group holds that group alone', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, { loops })
    await stages.receive(...six.map(() => says(ALICE, 'ping', { chat: GROUP })))
    await stages.receive(says(BOB, 'hey', { chat: GROUP }), says(ALICE, 'ping'))
    await pass(MINUTE_MS)
    expect(await held(opened.store)).toEqual(['ping → unmatched: loop_suspected', 'hey → unmatched: loop_suspected'])
  })
})

describe('turns of one person', () => {
  let time: Disposable
  beforeEach(() => void (time = stopTime()))
  afterEach(() => time[Symbol.dispose]())

  it.each([
    ['are a loop at the 120th within an hour', 25, 1],
    ['are none when there are fewer within each', 31, 0],
  ])('%s', async (_, seconds, loopsThere) => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, { loops })
    await writes(stages, { everyMs: seconds * SECOND_MS, times: 120 })
    expect(await held(opened.store)).toHaveLength(loopsThere)
    expect(await answered(opened.store)).toBe(120 - loopsThere)
  })
})

describe('a person lets a chat go on', () => {
  let time: Disposable
  beforeEach(() => void (time = stopTime()))
  afterEach(() => time[Symbol.dispose]())

  it('who sees which, since when and why; what came before counts no more, also after a restart', async () => {
    await using opened = await boundStore()
    const first = await answering(opened.store, null, { loops })
    for (let time = 0; time < 7; time += 1) await first.receive(says(ALICE, 'ping'))
    await pass(SECOND_MS)
    const suspects = new SuspectedLoops(opened.store, keptLog().log)
    const [loop, ...more] = await suspects.list(ORG)
    expect(more).toEqual([])
    expect(loop).toMatchObject({ account: DEFAULT_ACCOUNT, sign: 'same_text', chat: { kind: 'direct', peer: ALICE } })
    await expect(suspects.end(ACCOUNT, given(BOB.phone))).rejects.toMatchObject({ code: 'not_found' })
    await suspects.end(ACCOUNT, given(ALICE.phone))
    expect(await suspects.list(ORG)).toEqual([])
    await first[Symbol.asyncDispose]()

    await using again = await opened.reopened()
    await using second = await answering(again.store, null, { loops })
    for (let time = 0; time < 7; time += 1) await second.receive(says(ALICE, 'ping'))
    await pass(SECOND_MS)
    expect(second.gateway.texts).toHaveLength(5)
    expect(await held(again.store)).toHaveLength(4)
    await expect(new SuspectedLoops(again.store, keptLog().log).end(ACCOUNT, `lid:${ALICE.lid}`)).resolves.toBe(
      undefined,
    )
  })

  it('and a message that was held is answered when its bindings are asked again', async () => {
    await using opened = await boundStore()
    await using stages = await answering(opened.store, null, { loops })
    for (let time = 0; time < 6; time += 1) await stages.receive(says(ALICE, 'ping'))
    await pass(SECOND_MS)
    const { id } = await opened.store.connection
      .selectFrom('messages')
      .select('id')
      .where('outcome', '=', 'unmatched: loop_suspected')
      .executeTakeFirstOrThrow()
    expect(await stages.inbox.replay(ORG, id)).toMatchObject({ outcome: 'matched' })
  })
})
