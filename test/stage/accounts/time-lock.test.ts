import { describe, expect, it } from 'vitest'

import { Accounts } from '../../../plugin/accounts/accounts.ts'
import { ConnectionStates } from '../../../plugin/accounts/connection-states.ts'
import type { Phone } from '../../../plugin/contract/ids.ts'
import { HOUR_MS, MINUTE_MS } from '../../../plugin/base/durations.ts'
import { claimNumber } from '../../../plugin/store/accounts/accounts.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { inboxOf } from '../../support/inbox.ts'
import { START, pacedOutbox, pass, stopTime, stranger } from '../../support/paced-outbox.ts'
import { StandInGateway } from '../../support/stand-in-gateway.ts'
import { ACCOUNT, ALICE, ORG, OUR_NUMBER, given, linkedStore, textFrom } from '../../support/store.ts'
import { keptLog } from '../../support/host.ts'

/** An outbox, and the way in by which its account hears of locks. */
async function lockable(store: Store, gateway = new StandInGateway()) {
  const out = pacedOutbox(store, gateway)
  const { inbox, gateway: journal, locks, lines } = await inboxOf(store)
  await out.connect()
  const heard = async (until: number | null, phone: Phone = OUR_NUMBER): Promise<void> => {
    const seen = locks.length
    await inbox.wake(ACCOUNT, journal.append({ kind: 'time_lock', phone, until }))
    for (const key of locks.slice(seen)) out.outbox.wake(key)
  }
  return { ...out, inbox, journal, heard, logged: lines }
}

const shown = async (store: Store) =>
  (await new Accounts(store, new ConnectionStates(keptLog().log, () => null)).catalog(ORG))[0]?.new_chats_locked_until

describe('while WhatsApp lets an account begin no new chats', () => {
  it('what is for strangers waits until that ends, shows it, and all else goes out', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = await lockable(opened.store)
    out.journal.receive(textFrom(ALICE, 'hello'))
    await out.heard(START + HOUR_MS)
    const [cold, next] = [await out.say(stranger(1), 'good day'), await out.say(stranger(2), 'and to you')]
    const [reply, known] = [await out.reply(ALICE, 'an answer'), await out.say(ALICE, 'one thing more')]
    expect(await out.deliveries.find(ORG, cold.id)).toMatchObject({ position: 0, earliestAt: START + HOUR_MS })
    expect(await out.deliveries.find(ORG, next.id)).toMatchObject({ position: 1, earliestAt: START + HOUR_MS })
    await pass(HOUR_MS - 1)
    expect(out.gateway.texts).toEqual(['an answer', 'one thing more'])
    expect([reply, known].map(out.sentAfter)).not.toContain(null)
    await pass(MINUTE_MS)
    expect([cold, next].map(out.sentAfter)).toEqual([HOUR_MS, HOUR_MS + 20_000])
  })

  it('the lock is said once in the log, shown with the channel, and gone when it is over', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = await lockable(opened.store)
    expect(await shown(opened.store)).toBeNull()
    await out.heard(START + HOUR_MS)
    expect(await shown(opened.store)).toBe(new Date(START + HOUR_MS).toISOString())
    expect(out.logged.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect(JSON.stringify(out.logged)).not.toContain(OUR_NUMBER)
    await pass(HOUR_MS)
    expect(await shown(opened.store)).toBeNull()
  })

  it('a restart does not lift it', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    const before = await lockable(opened.store)
    await before.heard(START + HOUR_MS)
    const cold = await before.say(stranger(1), 'good day')
    await before[Symbol.asyncDispose]()
    await using again = await opened.reopened()
    await using after = pacedOutbox(again.store)
    await after.outbox.open()
    await after.connect()
    await pass(HOUR_MS - 1)
    expect(await shown(again.store)).not.toBeNull()
    expect(after.sentAfter(cold)).toBeNull()
    await pass(1)
    expect(after.sentAfter(cold)).toBe(HOUR_MS)
  })

  it('it is over when WhatsApp says so, and may come to last longer or less long', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = await lockable(opened.store)
    await out.heard(START + HOUR_MS)
    const cold = await out.say(stranger(1), 'good day')
    await out.heard(START + 3 * HOUR_MS)
    await pass(2 * HOUR_MS)
    expect(out.sentAfter(cold)).toBeNull()
    await out.heard(null)
    await pass(1)
    expect(out.sentAfter(cold)).toBe(2 * HOUR_MS)
    expect(await shown(opened.store)).toBeNull()
  })

  it('what was written to a stranger and never acknowledged is not written again', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    const gateway = new StandInGateway()
    gateway.answer = () => ({ outcome: gateway.transmissions.length === 1 ? 'unknown' : 'sent' })
    await using out = await lockable(opened.store, gateway)
    const cold = await out.say(stranger(1), 'good day')
    await pass(1)
    await out.heard(START + HOUR_MS)
    out.outbox.disconnected(ACCOUNT)
    await out.connect()
    await pass(HOUR_MS - 2)
    expect(gateway.transmissions).toHaveLength(1)
    await pass(1)
    expect(gateway.transmissions).toHaveLength(2)
    expect(await out.deliveries.find(ORG, cold.id)).toMatchObject({ status: 'sent' })
  })

  it('another number that is linked in its place is free', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = await lockable(opened.store)
    await out.heard(START + HOUR_MS)
    const other = given(stranger(50).phone)
    await opened.store.transaction(trx => claimNumber(trx, ACCOUNT, other))
    await out.outbox.connected(ACCOUNT, other)
    expect(await shown(opened.store)).toBeNull()
    const cold = await out.say(stranger(1), 'good day')
    await pass(1)
    expect(out.sentAfter(cold)).toBe(0)
    // It is told late of the number that was there before.
    await out.heard(START + 2 * HOUR_MS)
    expect(await shown(opened.store)).toBeNull()
  })

  it('also when nothing has been heard of it before it is connected', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    await using out = pacedOutbox(opened.store)
    const { inbox, gateway } = await inboxOf(opened.store)
    await inbox.wake(ACCOUNT, gateway.append({ kind: 'time_lock', phone: OUR_NUMBER, until: START + HOUR_MS }))
    await out.connect()
    const cold = await out.say(stranger(1), 'good day')
    await pass(HOUR_MS - 1)
    expect(out.sentAfter(cold)).toBeNull()
  })

  it.each([HOUR_MS, -HOUR_MS])('the clock of the machine may be set by %i ms: it lasts as long', async byMs => {
    using time = stopTime()
    await using opened = await linkedStore()
    await using out = await lockable(opened.store)
    await out.heard(START + HOUR_MS)
    const cold = await out.say(stranger(1), 'good day')
    time.setClock(byMs)
    out.outbox.wake(ACCOUNT)
    await pass(HOUR_MS - 1)
    expect(await shown(opened.store)).not.toBeNull()
    expect(out.sentAfter(cold)).toBeNull()
    await pass(1)
    expect(given(out.sentAfter(cold)) - byMs).toBe(HOUR_MS)
  })
})
