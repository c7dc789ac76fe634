import { describe, expect, it } from 'vitest'

import { Accounts } from '../../../plugin/accounts/accounts.ts'
import { ConnectionStates } from '../../../plugin/accounts/connection-states.ts'
import type { WireHealth } from '../../../plugin/contract/api/channels.ts'
import type { ConnectionState } from '../../../plugin/contract/connection.ts'
import { HOUR_MS, MINUTE_MS } from '../../../plugin/base/durations.ts'
import { claimNumber } from '../../../plugin/store/accounts/accounts.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { noteReceipt } from '../../../plugin/store/sends/sends.ts'
import { noteTimeLock } from '../../../plugin/store/sends/time-locks.ts'
import { keptLog } from '../../support/host.ts'
import { pacedOutbox, pass, START, stopTime, stranger } from '../../support/paced-outbox.ts'
import { ACCOUNT, ALICE, BOB, given, linkedStore, ORG, OUR_NUMBER } from '../../support/store.ts'

const connected: ConnectionState = { status: 'connected', phone: OUR_NUMBER, since: 0 }
const lost: ConnectionState = { status: 'waiting', reason: 'connection_lost', permanent: false, retryAt: 0 }
const after = (ms: number) => new Date(START + ms).toISOString()

const healthOf = async (accounts: Accounts): Promise<WireHealth> =>
  given((await accounts.catalog(ORG))[0]?.accounts[0]).health

/** What WhatsApp lets through, for all that the store knows. */
const admissionOf = async (store: Store) =>
  (await healthOf(new Accounts(store, new ConnectionStates(keptLog().log, () => null)))).admission

/** An outbox that does not pace, to a network that takes what has none of these words in it. */
async function speaking(store: Store, refused: Record<string, number>) {
  const out = pacedOutbox(store)
  out.inForce.limits = null
  out.gateway.answer = ({ bytes }) => {
    const found = Object.entries(refused).find(([word]) => Buffer.from(bytes).includes(word))
    return found ? { outcome: 'rejected', code: found[1] } : { outcome: 'sent' }
  }
  await out.connect()
  return out
}

describe('the health of a line', () => {
  it('is up as long as WhatsApp is heard on it, and says when that was, or when it was lost', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    const accounts = new Accounts(opened.store, new ConnectionStates(keptLog().log, () => null))
    await accounts.open()
    const transport = async () => (await healthOf(accounts)).transport
    expect(await transport()).toEqual({ status: 'unknown', evidence_at: null })
    await accounts.observe(ACCOUNT, connected)
    expect(await transport()).toEqual({ status: 'up', evidence_at: after(0) })
    await pass(MINUTE_MS + 1)
    expect(await transport()).toEqual({ status: 'unknown', evidence_at: after(0) })
    accounts.heard(ACCOUNT, Date.now())
    expect(await transport()).toEqual({ status: 'up', evidence_at: after(MINUTE_MS + 1) })
    expect((await healthOf(accounts)).admission.status).toBe('unknown')
    await pass(MINUTE_MS)
    await accounts.observe(ACCOUNT, lost)
    expect(await transport()).toEqual({ status: 'down', evidence_at: after(2 * MINUTE_MS + 1) })
    await accounts.observe(ACCOUNT, connected)
    await pass(1)
    accounts.gatewayDown()
    expect(await transport()).toEqual({ status: 'down', evidence_at: after(2 * MINUTE_MS + 2) })
  })

  it('is not up by what was heard at an instant that is still to come, when the clock was set back', async () => {
    await using opened = await linkedStore()
    using time = stopTime()
    const accounts = new Accounts(opened.store, new ConnectionStates(keptLog().log, () => null))
    await accounts.open()
    await accounts.observe(ACCOUNT, connected)
    accounts.heard(ACCOUNT, Date.now())
    time.setClock(-HOUR_MS)
    expect((await healthOf(accounts)).transport).toEqual({ status: 'unknown', evidence_at: null })
    accounts.heard(ACCOUNT, Date.now())
    expect((await healthOf(accounts)).transport).toEqual({ status: 'up', evidence_at: after(-HOUR_MS) })
  })
})

describe('what WhatsApp lets through', () => {
  it('goes by its last word to what was written, and not by receipts, which come when they come', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    const { store } = opened
    await using out = await speaking(store, { spam: 479 })
    expect(await admissionOf(store)).toEqual({ status: 'unknown', reason: null, evidence_at: null })
    const first = await out.say(ALICE, 'hello')
    await out.line('send settled')
    expect(await admissionOf(store)).toEqual({ status: 'open', reason: null, evidence_at: after(0) })
    await pass(1_000)
    await out.say(BOB, 'spam')
    await out.line('send settled', 2)
    await pass(1_000)
    const read = { stanzaId: first.stanzaId, receipt: 'read' } as const
    await store.transaction(trx => noteReceipt(trx, ACCOUNT, read))
    expect(await admissionOf(store)).toEqual({ status: 'refused', reason: 'rejected: 479', evidence_at: after(1_000) })
    const last = await out.say(ALICE, 'still there?')
    await out.line('send settled', 3)
    await pass(1_000)
    await store.transaction(trx => noteReceipt(trx, ACCOUNT, { ...read, stanzaId: last.stanzaId }))
    expect(await admissionOf(store)).toEqual({ status: 'open', reason: null, evidence_at: after(2_000) })
    await store.transaction(trx => claimNumber(trx, ACCOUNT, given(stranger(9).phone)))
    expect(await admissionOf(store)).toMatchObject({ status: 'unknown', evidence_at: null })
  })

  it('is limited while strangers are closed to the account, and refused while it is banned', async () => {
    await using opened = await linkedStore()
    using _ = stopTime()
    const { store } = opened
    await using out = await speaking(store, { 'good day': 463 })
    await out.say(stranger(1), 'good day')
    await out.line('send settled')
    await pass(1_000)
    await out.say(ALICE, 'hello')
    await out.line('send settled', 2)
    expect(await admissionOf(store)).toEqual({ status: 'limited', reason: 'rejected: 463', evidence_at: after(0) })
    const lock = { phone: OUR_NUMBER, until: START + HOUR_MS }
    await store.transaction(trx => noteTimeLock(trx, ACCOUNT, lock))
    const locked = { status: 'limited', reason: 'new_chats_locked', evidence_at: after(1_000) }
    expect(await admissionOf(store)).toEqual(locked)
    await pass(1_000)
    await out.outbox.banned(ACCOUNT, START + MINUTE_MS)
    expect(await admissionOf(store)).toEqual({ status: 'refused', reason: 'temporary_ban', evidence_at: after(2_000) })
    await pass(MINUTE_MS)
    expect(await admissionOf(store)).toEqual(locked)
    const accounts = new Accounts(store, new ConnectionStates(keptLog().log, () => null))
    const stopped = { status: 'stopped', reason: 'banned', permanent: true, detail: 'banned' } as const
    await accounts.observe(ACCOUNT, stopped)
    expect((await healthOf(accounts)).admission).toMatchObject({ status: 'refused', reason: 'banned' })
  })
})
