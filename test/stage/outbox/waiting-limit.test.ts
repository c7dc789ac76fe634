import { describe, expect, it } from 'vitest'

import { SendRequests } from '../../../plugin/outbox/send-requests.ts'
import { alone } from '../../support/alone.ts'
import { noFiles } from '../../support/files.ts'
import { emptyStore, given } from '../../support/store.ts'
import { contact, tenant, type Tenant } from '../../support/tenants.ts'
import { defaults } from '../../support/turns.ts'
import { outboxOf } from '../../support/unpaced-outbox.ts'

const MOST = 3

/** Two orgs whose lines are down, so that all that they say waits; each may have three such sends. */
async function twoOrgs() {
  const opened = await emptyStore()
  const { store } = opened
  const out = outboxOf(store)
  const growthLimits = { ...defaults.growthLimits, waitingSends: MOST }
  const sending = new SendRequests({
    shares: alone,
    store,
    outbox: out.outbox,
    enclosures: noFiles,
    settings: () => ({ ...defaults, growthLimits }),
  })
  const [a, otherOfA, b] = [
    await tenant(store, 'org_a', 1),
    await tenant(store, 'org_a', 2),
    await tenant(store, 'org_b', 3),
  ]
  const say = (
    key: Tenant,
    n: number,
    { text = 'hello', under = null }: { text?: string; under?: string | null } = {},
  ) => sending.send(key, { to: given(contact(n).phone), text }, under)
  const dispose = async (): Promise<void> => {
    await out.stop()
    await opened[Symbol.asyncDispose]()
  }
  return { a, otherOfA, b, say, out, [Symbol.asyncDispose]: dispose }
}

const FULL = { code: 'too_many_waiting_sends' }

describe('the sends of an org that wait', () => {
  it('are no more than its limit, in all its accounts together, and none of another org', async () => {
    await using here = await twoOrgs()
    for (let n = 0; n < 2; n += 1) await here.say(here.a, n)
    await here.say(here.otherOfA, 2)
    for (const key of [here.a, here.otherOfA]) await expect(here.say(key, 4)).rejects.toMatchObject(FULL)
    await here.say(here.b, 0)
  })

  it('have room for others again once one was taken back or has gone out', async () => {
    await using here = await twoOrgs()
    const sends = []
    for (let n = 0; n < MOST; n += 1) sends.push(await here.say(here.a, n))
    await here.out.outbox.cancel(here.a.org, given(sends[0]).id)
    await here.say(here.a, 5)
    await expect(here.say(here.a, 6)).rejects.toMatchObject(FULL)
    await here.out.outbox.connected(here.a, here.a.number)
    await here.out.line('send settled', MOST)
    for (let n = 0; n < MOST; n += 1) await here.say(here.otherOfA, n)
  })

  it('count each message of a long text, and one of them without room keeps none', async () => {
    await using here = await twoOrgs()
    const long = 'word '.repeat(4_000)
    await expect(here.say(here.a, 0, { text: long })).rejects.toMatchObject(FULL)
    for (let n = 0; n < MOST; n += 1) await here.say(here.a, n)
  })

  it('are answered with as before when a request is repeated under its key', async () => {
    await using here = await twoOrgs()
    const first = await here.say(here.a, 0, { under: 'key' })
    for (let n = 1; n < MOST; n += 1) await here.say(here.a, n)
    expect((await here.say(here.a, 0, { under: 'key' })).id).toBe(first.id)
    await expect(here.say(here.a, 0, { under: 'another' })).rejects.toMatchObject(FULL)
  })
})
