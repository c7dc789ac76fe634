import { describe, expect, it } from 'vitest'

import { Ingest } from '../../../plugin/inbox/ingest.ts'
import { asChannelError } from '../../../plugin/contract/errors/errors.ts'
import { parseAccountName } from '../../../plugin/contract/ids.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../plugin/base/durations.ts'
import { DEFAULT_LIMITS } from '../../../plugin/config/send-limits.ts'
import { claimNumber, configureAccount } from '../../../plugin/store/accounts/accounts.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { START, pacedOutbox, pass, stopTime, stranger } from '../../support/paced-outbox.ts'
import { noRules } from '../../support/rules.ts'
import { StandInGateway } from '../../support/stand-in-gateway.ts'
import { ACCOUNT, ALICE, BOB, GROUP, ORG, given, linkedStore, textFrom } from '../../support/store.ts'

/** Alice and Bob have written, so nobody writes to them first. */
const acquainted = (store: Store): Promise<void> =>
  store.transaction(async trx => {
    const admission = new Ingest(trx, ACCOUNT, noRules)
    for (const sender of [ALICE, BOB]) await admission.message(textFrom(sender, 'hello'))
  })

const strangers = (count: number) => Array.from({ length: count }, (_, index) => stranger(index))

const code = async (promise: Promise<unknown>): Promise<string> =>
  asChannelError(await promise.catch((e: unknown) => e)).code

describe('a reply', () => {
  it('takes time to type, and the next one of the turn comes 2 s later', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    await out.connect()
    const first = await out.reply(ALICE, 'x'.repeat(50), 0)
    const second = await out.reply(ALICE, 'y', 1)
    await pass(3_499)
    expect(out.gateway.transmissions).toHaveLength(0)
    await pass(1)
    expect(out.sentAfter(first)).toBe(3_500)
    await pass(HOUR_MS)
    expect(out.sentAfter(second)).toBe(5_500)
  })

  it('in a group comes 30 s after what was said there before', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    await out.connect()
    const sends = [await out.reply(GROUP, '', 0), await out.reply(GROUP, '', 0)]
    await pass(MINUTE_MS)
    expect(sends.map(out.sentAfter)).toEqual([2_000, 32_000])
  })

  it('runs out after an hour in which it could not be sent, and is not said later', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    const { id } = await out.reply(ALICE, 'late')
    await pass(HOUR_MS - 1)
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'accepted', position: 0 })
    await pass(1)
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'expired', position: null, earliestAt: null })
    await out.connect()
    await pass(DAY_MS)
    expect(out.gateway.transmissions).toEqual([])
  })

  it('runs out as well when the process that accepted it is gone', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    const before = pacedOutbox(opened.store)
    const { id } = await before.reply(ALICE, 'late')
    await before[Symbol.asyncDispose]()
    await using again = await opened.reopened()
    await using after = pacedOutbox(again.store)
    await after.outbox.open()
    await pass(HOUR_MS)
    expect(await after.deliveries.find(ORG, id)).toMatchObject({ status: 'expired' })
  })
})

describe('what is said first', () => {
  it('leaves the time that was drawn between any two, and shows its place and time', async () => {
    await using opened = await linkedStore()
    await acquainted(opened.store)
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    await out.connect()
    const [first, second] = [await out.say(ALICE, 'one'), await out.say(BOB, 'two')]
    await pass(1)
    expect(out.sentAfter(first)).toBe(0)
    expect(await out.deliveries.find(ORG, second.id)).toMatchObject({ position: 0, earliestAt: START + 20_000 })
    const third = await out.say(ALICE, 'three')
    expect(await out.deliveries.find(ORG, third.id)).toMatchObject({ position: 1 })
    await pass(MINUTE_MS)
    expect([second, third].map(out.sentAfter)).toEqual([20_000, 40_000])
    expect(await out.deliveries.find(ORG, third.id)).toMatchObject({ status: 'sent', position: null, earliestAt: null })
  })

  it('to strangers ends with the budget of the day, which a restart does not renew', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    const gateway = new StandInGateway()
    const before = pacedOutbox(opened.store, gateway)
    await before.connect()
    const sends = []
    for (const [index, to] of strangers(7).entries()) sends.push(await before.say(to, `hello ${index}`))
    await pass(HOUR_MS)
    expect(gateway.transmissions).toHaveLength(5)
    await before[Symbol.asyncDispose]()
    await using again = await opened.reopened()
    await using after = pacedOutbox(again.store, gateway)
    await after.outbox.open()
    await after.connect()
    await pass(HOUR_MS)
    expect(gateway.transmissions).toHaveLength(5)
    const sixth = sends[5] ?? expect.fail()
    expect(await after.deliveries.find(ORG, sixth.id)).toMatchObject({ position: 0, earliestAt: START + DAY_MS })
    await pass(DAY_MS)
    expect(await after.deliveries.find(ORG, sixth.id)).toMatchObject({ status: 'expired' })
    const next = await after.say(stranger(9), 'a new day')
    await pass(MINUTE_MS)
    expect(after.sentAfter(next)).not.toBeNull()
  })

  it('to strangers by one number leaves those of another number of the org what is theirs', async () => {
    await using opened = await linkedStore()
    const sales = { org: ORG, account: given(parseAccountName('sales')) }
    const number = given(stranger(90).phone)
    await opened.store.transaction(async trx => {
      await configureAccount(trx, sales, { displayName: null })
      await claimNumber(trx, sales, number)
    })
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    await out.connect()
    await out.outbox.connected(sales, number)
    for (const [index, to] of strangers(7).entries()) await out.say(to, `hello ${index}`)
    await pass(HOUR_MS)
    expect(out.gateway.transmissions).toHaveLength(5)
    const request = { to: given(stranger(1).phone), text: 'hello from sales' }
    const send = await out.sending.send(sales, request, null)
    await pass(1)
    expect(out.sentAfter(send)).toBe(HOUR_MS)
    expect(out.gateway.transmissions.at(-1)).toMatchObject(sales)
  })

  it('to strangers is refused when the settings say so, and to others is not', async () => {
    await using opened = await linkedStore()
    await acquainted(opened.store)
    await using out = pacedOutbox(opened.store)
    out.inForce.coldContact = false
    expect(await code(out.say(stranger(1), 'hello'))).toBe('cold_contact_off')
    expect(await out.say(ALICE, 'hello')).toMatchObject({ class: 'proactive' })
    expect(await out.reply(stranger(1), 'you wrote')).toMatchObject({ class: 'reply' })
  })

  it('stops for strangers at the first 463 and for everybody at the third, also after a restart', async () => {
    await using opened = await linkedStore()
    await acquainted(opened.store)
    using _ = stopTime()
    const gateway = new StandInGateway()
    gateway.answer = () => ({ outcome: 'rejected', code: 463 })
    const before = pacedOutbox(opened.store, gateway)
    await before.connect()
    const refused = await before.say(ALICE, 'one')
    await pass(1)
    expect(await before.deliveries.find(ORG, refused.id)).toMatchObject({ status: 'rejected', rejectedCode: 463 })
    const cold = await before.say(stranger(1), 'hello')
    expect(await before.deliveries.find(ORG, cold.id)).toMatchObject({ earliestAt: START + DAY_MS })
    for (const text of ['two', 'three', 'four']) await before.say(ALICE, text)
    await pass(HOUR_MS)
    expect(gateway.texts).toEqual(['one', 'two', 'three'])
    expect(before.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    await before[Symbol.asyncDispose]()
    await using again = await opened.reopened()
    await using after = pacedOutbox(again.store, gateway)
    await after.connect()
    await after.reply(ALICE, 'an answer')
    await pass(20 * HOUR_MS)
    expect(gateway.texts).toEqual(['one', 'two', 'three', 'an answer'])
  })

  it('goes on for strangers and everybody else when answers are refused as unwanted', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    await out.connect()
    out.gateway.answer = ({ class: kind }) =>
      kind === 'reply' ? { outcome: 'rejected', code: 463 } : { outcome: 'sent' }
    for (const person of strangers(3)) await out.reply(person, 'an answer')
    await pass(9_000)
    expect(out.gateway.texts).toHaveLength(3)
    const cold = await out.say(stranger(7), 'hello')
    expect((await out.deliveries.find(ORG, cold.id)).earliestAt ?? 0).toBeLessThanOrEqual(START + HOUR_MS)
    await pass(HOUR_MS)
    expect(await out.deliveries.find(ORG, cold.id)).toMatchObject({ status: 'sent', earliestAt: null })
    expect(out.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('lets a reply that waits for a token take no room, however many there are', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    out.inForce.limits = null
    await out.connect()
    const asked = new Map<string, number>()
    out.gateway.answer = ({ stanzaId, class: kind }) => {
      const times = (asked.get(stanzaId) ?? 0) + 1
      asked.set(stanzaId, times)
      if (kind !== 'reply') return { outcome: 'sent' }
      return times < 5 ? { outcome: 'deferred', forMs: 2_000 } : { outcome: 'rejected', code: 463 }
    }
    const replies = []
    for (const person of strangers(60)) replies.push(await out.reply(person, 'an answer'))
    await pass(1)
    const other = await out.say(stranger(70), 'meanwhile')
    await pass(1)
    expect(await out.deliveries.find(ORG, other.id)).toMatchObject({ status: 'sent' })
    await pass(10_000)
    for (const { id } of replies) expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'rejected' })
    expect(out.gateway.rendered).toBe(61)
  })

  it('to more than five with the same words waits for a person, who may take it back', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    await out.connect()
    const why = async ({ id }: { id: string }) => (await out.deliveries.find(ORG, id)).held
    for (const to of strangers(5)) expect(await why(await out.say(to, 'special offer'))).toBeNull()
    const held = await out.say(stranger(5), 'special offer')
    expect(await out.deliveries.find(ORG, held.id)).toMatchObject({
      status: 'accepted',
      held: 'same_text',
      position: null,
      earliestAt: null,
    })
    expect(await why(await out.say(stranger(5), 'something else'))).toBeNull()
    for (const to of strangers(8)) expect(await why(await out.reply(to, 'special offer'))).toBeNull()
    await out.outbox.cancel(ORG, held.id)
    expect(await out.deliveries.find(ORG, held.id)).toMatchObject({ status: 'cancelled', held: null })
    await pass(HOUR_MS)
    expect(await why(await out.say(stranger(6), 'special offer'))).toBeNull()
    expect(out.sentAfter(held)).toBeNull()
  })
})

describe('pacing', () => {
  it('says nothing before a ban has passed, whoever connects', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    await out.connect()
    await out.outbox.banned(ACCOUNT, START + 30 * MINUTE_MS)
    out.outbox.disconnected(ACCOUNT)
    await out.connect()
    const reply = await out.reply(ALICE, 'at last')
    await pass(HOUR_MS)
    expect(out.sentAfter(reply)).toBe(30 * MINUTE_MS)
  })

  it('goes by the settings of the last reload', async () => {
    await using opened = await linkedStore()
    await acquainted(opened.store)
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    out.inForce.limits = { ...DEFAULT_LIMITS, proactive_per_day: 0 }
    await out.connect()
    const send = await out.say(ALICE, 'not today')
    await pass(HOUR_MS)
    expect(await out.deliveries.find(ORG, send.id)).toMatchObject({ status: 'accepted', earliestAt: null })
    out.inForce.limits = DEFAULT_LIMITS
    out.outbox.disconnected(ACCOUNT)
    await out.connect()
    await pass(MINUTE_MS)
    expect(out.sentAfter(send)).toBe(HOUR_MS)
  })

  it('sends again what was written and never acknowledged, without counting it twice', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    const gateway = new StandInGateway()
    gateway.answer = () => ({ outcome: gateway.transmissions.length === 1 ? 'unknown' : 'sent' })
    await using out = pacedOutbox(opened.store, gateway)
    out.inForce.limits = { ...DEFAULT_LIMITS, cold_per_day_at_first: 1 }
    await out.connect()
    const send = await out.say(stranger(1), 'hello')
    await pass(1)
    out.outbox.disconnected(ACCOUNT)
    await out.connect()
    await pass(1)
    expect(await out.deliveries.find(ORG, send.id)).toMatchObject({ status: 'sent' })
    expect(gateway.transmissions[1]).toEqual(gateway.transmissions[0])
  })
})
