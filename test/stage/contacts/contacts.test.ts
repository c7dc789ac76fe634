import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { LookupOutcome } from '../../../plugin/contract/contact.ts'
import type { ConnectionState } from '../../../plugin/contract/connection.ts'
import { parseAccountName, type AccountKey, type Phone } from '../../../plugin/contract/ids.ts'
import { DEFAULT_LIMITS } from '../../../plugin/config/send-limits.ts'
import { knownPerson } from '../../../plugin/store/people/people.ts'
import { pacedOutbox, pass, stopTime, stranger } from '../../support/paced-outbox.ts'
import { StandInGateway } from '../../support/stand-in-gateway.ts'
import { ACCOUNT, ALICE, given, linkedStore, ORG, person } from '../../support/store.ts'

const [SECOND, HOUR, DAY] = [1_000, 3_600_000, 86_400_000]
const CONNECTED: ConnectionState = { status: 'connected', phone: '+972500000001' as Phone, since: 0 }
const WRITTEN = person(null, '5511987654321')
const HAS = given(person(null, '551187654321').phone)

let time: ReturnType<typeof stopTime>
beforeEach(() => void (time = stopTime()))
afterEach(() => time[Symbol.dispose]())

const numberOf = (n: number): Phone => given(stranger(n).phone)

/** WhatsApp has all numbers as they are written but one. */
const spelled = (number: Phone): LookupOutcome => ({
  outcome: 'found',
  person: { lid: null, phone: number === WRITTEN.phone ? HAS : number },
})

async function scene({ paced = true, gateway = new StandInGateway() } = {}) {
  const opened = await linkedStore()
  const out = pacedOutbox(opened.store, gateway, { asks: true })
  if (!paced) out.inForce.limits = null
  await out.connect()
  return {
    ...out,
    opened,
    find: (id: string) => out.deliveries.find(ORG, id),
    [Symbol.asyncDispose]: async () => {
      await out[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
    },
  }
}

describe.each([
  ['with pacing', true],
  ['without pacing', false],
])('a number that nobody has asked for, %s', (_, paced) => {
  it('is asked for once, and 30 days later again', async () => {
    await using here = await scene({ paced })
    await here.say(stranger(1), 'one')
    await here.say(stranger(1), 'two')
    await pass(2 * HOUR)
    expect(here.gateway.texts).toEqual(['one', 'two'])
    await pass(20 * DAY)
    await here.say(stranger(1), 'three')
    await pass(2 * HOUR)
    expect(here.gateway.lookups).toEqual([numberOf(1)])
    await pass(11 * DAY)
    await here.say(stranger(1), 'four')
    await pass(2 * HOUR)
    expect(here.gateway.lookups).toEqual([numberOf(1), numberOf(1)])
    expect(here.gateway.texts).toEqual(['one', 'two', 'three', 'four'])
  })

  it('holds up nobody else while WhatsApp does not answer for it, and goes out when it does', async () => {
    const gateway = new StandInGateway()
    gateway.lookUp = number =>
      number === numberOf(1) ? { outcome: 'unanswered', code: null } : { outcome: 'found', person: stranger(2) }
    await using here = await scene({ paced, gateway })
    const { id } = await here.say(stranger(1), 'held')
    await here.say(stranger(2), 'not held')
    await pass(40 * SECOND)
    expect(gateway.texts).toEqual(['not held'])
    const waiting = await here.find(id)
    expect(waiting).toMatchObject({ status: 'accepted', waitsFor: 'lookup_failed' })
    expect(waiting.earliestAt).toBeGreaterThan(Date.now())
    gateway.lookUp = spelled
    await pass(HOUR)
    expect(gateway.texts).toEqual(['not held', 'held'])
    expect(await here.find(id)).toMatchObject({ status: 'sent', waitsFor: null })
  })

  it('that nobody has ends what is sent there, with our reason', async () => {
    const gateway = new StandInGateway()
    gateway.lookUp = () => ({ outcome: 'absent' })
    await using here = await scene({ paced, gateway })
    const { id } = await here.say(stranger(1), 'anybody?')
    await pass(HOUR)
    expect(await here.find(id)).toMatchObject({ status: 'rejected', rejectedReason: 'not_on_whatsapp' })
    expect(gateway.transmissions).toEqual([])
  })

  it('is one person in either spelling, in one chat, and is written to as WhatsApp has it', async () => {
    const gateway = new StandInGateway()
    gateway.lookUp = spelled
    await using here = await scene({ paced, gateway })
    const [one, two] = [await here.say(WRITTEN, 'one'), await here.say(person(null, HAS.slice(1)), 'two')]
    await pass(2 * HOUR)
    await here.say(WRITTEN, 'three')
    await pass(2 * HOUR)
    const peers = gateway.transmissions.map(({ chat }) => chat.kind === 'direct' && chat.peer.phone)
    expect(peers).toEqual([HAS, HAS, HAS])
    expect([(await here.find(one.id)).chat, (await here.find(two.id)).chat]).toEqual(
      Array(2).fill({ kind: 'direct', peer: person(null, HAS.slice(1)) }),
    )
    const written = await here.opened.store.transaction(transaction => knownPerson(transaction, ACCOUNT, WRITTEN))
    expect(written.id).toMatch(/^per_/)
  })
})

describe('the budget', () => {
  it('is one of numbers, an hour and a day, and is each account’s own', async () => {
    await using here = await scene()
    const ask = (from: number, to: number, key: AccountKey = ACCOUNT) =>
      Promise.all(Array.from({ length: to - from }, (_, n) => here.contacts.lookUp(key, numberOf(from + n))))
    const outcomes = async (looked: ReturnType<typeof ask>) => (await looked).map(({ outcome }) => outcome)
    expect(await outcomes(ask(0, 21))).toEqual([...Array(20).fill('answered'), 'waits'])
    expect((await ask(20, 21))[0]).toEqual({ outcome: 'waits', why: 'lookup_budget', until: Date.now() + HOUR })
    await pass(HOUR)
    expect(new Set(await outcomes(ask(20, 40)))).toEqual(new Set(['answered']))
    await pass(HOUR)
    expect((await outcomes(ask(40, 60))).filter(outcome => outcome === 'answered')).toHaveLength(10)
    const second = given(parseAccountName('second'))
    expect(await outcomes(ask(60, 61, { ...ACCOUNT, account: second }))).toEqual(['answered'])
    expect(here.gateway.lookups).toHaveLength(51)
  })

  it('is not grown by a clock that is set, and a stricter one holds at once', async () => {
    await using here = await scene()
    for (let n = 0; n < 20; n += 1) await here.contacts.lookUp(ACCOUNT, numberOf(n))
    time.setClock(2 * HOUR)
    expect(await here.contacts.lookUp(ACCOUNT, numberOf(20))).toMatchObject({ outcome: 'waits' })
    await pass(HOUR)
    expect(await here.contacts.lookUp(ACCOUNT, numberOf(20))).toMatchObject({ outcome: 'answered' })
    here.inForce.limits = { ...DEFAULT_LIMITS, lookups_per_hour: 1 }
    expect(await here.contacts.lookUp(ACCOUNT, numberOf(21))).toMatchObject({ why: 'lookup_budget' })
  })

  it('rests for an hour when WhatsApp says that it is too much', async () => {
    const gateway = new StandInGateway()
    gateway.lookUp = () => ({ outcome: 'unanswered', code: 429 })
    await using here = await scene({ gateway })
    await here.contacts.lookUp(ACCOUNT, numberOf(1))
    gateway.lookUp = spelled
    expect(await here.contacts.lookUp(ACCOUNT, numberOf(2))).toEqual({
      outcome: 'waits',
      why: 'lookup_budget',
      until: Date.now() + HOUR,
    })
    await pass(HOUR)
    expect(await here.contacts.lookUp(ACCOUNT, numberOf(2))).toEqual({ outcome: 'answered' })
  })
})

describe('numbers that are checked', () => {
  it('are answered in their order, and when no more may be asked for, those that are known', async () => {
    const gateway = new StandInGateway()
    gateway.lookUp = number => (number === numberOf(3) ? { outcome: 'absent' } : spelled(number))
    await using here = await scene({ gateway })
    await here.opened.store.transaction(transaction => knownPerson(transaction, ACCOUNT, ALICE))
    const asked = [given(WRITTEN.phone), numberOf(3), numberOf(4)]
    expect(await here.contacts.check(ACCOUNT, asked, CONNECTED)).toEqual({
      contacts: [
        { number: WRITTEN.phone, address: HAS },
        { number: numberOf(3), address: null },
        { number: numberOf(4), address: numberOf(4) },
      ],
      retryAt: null,
    })
    here.inForce.limits = { ...DEFAULT_LIMITS, lookups_per_hour: 3 }
    const more = await here.contacts.check(ACCOUNT, [numberOf(5), numberOf(3)], CONNECTED)
    expect(more).toEqual({ contacts: [{ number: numberOf(3), address: null }], retryAt: Date.now() + HOUR })
    expect(gateway.lookups).toEqual(asked)
  })

  it('are asked for as well while part of what waited does not come: the line is up', async () => {
    await using here = await scene()
    const up = { phone: '+972500000001' as Phone, since: 0 }
    const stalled: ConnectionState = { status: 'degraded', reason: 'backlog_stalled', permanent: false, ...up }
    expect(await here.contacts.check(ACCOUNT, [numberOf(1)], stalled)).toMatchObject({
      contacts: [{ number: numberOf(1), address: numberOf(1) }],
    })
  })

  it('are no matter of a budget when WhatsApp does not answer, at once nor while it is not asked again', async () => {
    const gateway = new StandInGateway()
    gateway.lookUp = () => ({ outcome: 'unanswered', code: null })
    await using here = await scene({ gateway })
    const check = () => here.contacts.check(ACCOUNT, [numberOf(1)], CONNECTED)
    const unanswered = { code: 'gateway_unreachable', more: { reason: 'refused' } }
    await expect(check()).rejects.toMatchObject(unanswered)
    await expect(check()).rejects.toMatchObject(unanswered)
    expect(gateway.lookups).toEqual([numberOf(1)])
  })

  it('are asked for by nobody while there is no line, which costs nothing', async () => {
    await using here = await scene()
    const down = here.contacts.check(ACCOUNT, [numberOf(1)], { status: 'connecting' })
    await expect(down).rejects.toMatchObject({ code: 'gateway_unreachable', more: { reason: 'no_network' } })
    expect(here.gateway.lookups).toEqual([])
  })
})
