import { setImmediate } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import type { NumberedChange } from '../../../plugin/contract/api/sends.ts'
import { addressOfPerson } from '../../../plugin/contract/ids.ts'
import { DAY_MS, HOUR_MS } from '../../../plugin/base/durations.ts'
import { Retention } from '../../../plugin/retention/retention.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { noteChange } from '../../../plugin/store/sends/send-changes.ts'
import { keptLog } from '../../support/host.ts'
import { pacedOutbox, pass, stopTime } from '../../support/paced-outbox.ts'
import { ALICE, BOB, ORG, linkedStore, ACCOUNT } from '../../support/store.ts'

const NEVER = new AbortController().signal

/** What makes a store forget, and an outbox that does not pace. */
function retaining(store: Store) {
  const out = pacedOutbox(store)
  out.inForce.limits = null
  const kept = keptLog()
  const retention = new Retention({ store, log: kept.log, artifacts: {}, days: () => 0 })
  return {
    out,
    retention,
    log: kept,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await retention.close()
      await out[Symbol.asyncDispose]()
    },
  }
}

const count = async ({ connection }: Store, table: 'send_changes' | 'idempotency_keys'): Promise<number> =>
  (await connection.selectFrom(table).select('org').execute()).length

const note = (store: Store, sendId: string, times: number): Promise<void> =>
  store.transaction(async trx => {
    for (let time = 0; time < times; time++)
      await noteChange(trx, ORG, { sendId, status: 'expired', code: null, reason: null, at: Date.now() })
  })

/** The numbers of the first steps that are told. */
async function numbers(watched: AsyncIterable<NumberedChange>, most: number): Promise<number[]> {
  const seen: number[] = []
  for await (const { seq } of watched) if (seen.push(seq) === most) break
  return seen
}

describe('the steps of sends', () => {
  it('are told for 30 days; whoever comes back later gets those that are left, in order, and what follows', async () => {
    using _ = stopTime()
    await using opened = await linkedStore()
    await using made = retaining(opened.store)
    const { out, retention } = made
    const first = await out.say(ALICE, 'one')
    const second = await out.say(BOB, 'two')
    await pass(DAY_MS / 2)
    await out.outbox.cancel(ORG, first.id)
    await pass(29 * DAY_MS)
    await retention.prune()
    expect(await numbers(out.deliveries.watch(ORG, 0, NEVER), 3)).toEqual([1, 2, 3])
    await pass(DAY_MS)
    await retention.prune()
    const watching = numbers(out.deliveries.watch(ORG, 1, NEVER), 3)
    await note(opened.store, second.id, 1)
    out.deliveries.wake(ORG)
    // The second ran out after a day, which was less than 30 days ago.
    expect(await watching).toEqual([3, 4, 5])
    expect(await out.deliveries.find(ORG, first.id)).toMatchObject({ status: 'cancelled' })
  })

  it('are numbered on when all of them were forgotten', async () => {
    using _ = stopTime()
    await using opened = await linkedStore()
    await using made = retaining(opened.store)
    const { out, retention } = made
    const { id } = await out.say(ALICE, 'one')
    await pass(32 * DAY_MS)
    await retention.prune()
    expect(await count(opened.store, 'send_changes')).toBe(0)
    await note(opened.store, id, 1)
    expect(await numbers(out.deliveries.watch(ORG, 0, NEVER), 1)).toEqual([3])
  })
})

describe('what is too old', () => {
  it('is forgotten in steps, between which others have the store', async () => {
    using _ = stopTime()
    await using opened = await linkedStore()
    await using made = retaining(opened.store)
    const { out, retention } = made
    const { id } = await out.say(ALICE, 'one')
    await note(opened.store, id, 2_000)
    await pass(32 * DAY_MS)
    const forgotten = retention.prune()
    const left = [await count(opened.store, 'send_changes')]
    while (left.at(-1) !== 0) {
      await setImmediate()
      left.push(await count(opened.store, 'send_changes'))
    }
    await forgotten
    expect(Math.max(...left.filter(rows => rows < 2_001))).toBeGreaterThan(1_000)
  })

  it('is forgotten within the hour, also when it could not be the last time', async () => {
    using _ = stopTime()
    await using opened = await linkedStore()
    await using made = retaining(opened.store)
    const { out, retention, log } = made
    await out.say(ALICE, 'one')
    await pass(32 * DAY_MS)
    const transaction = opened.store.transaction.bind(opened.store)
    opened.store.transaction = () => Promise.reject(new Error('disk full'))
    await retention.prune()
    expect(log.lines).toMatchObject([{ event: 'nothing forgotten', fields: { code: 'internal' } }])
    opened.store.transaction = transaction
    await pass(HOUR_MS)
    await expect.poll(() => count(opened.store, 'send_changes')).toBe(0)
  })
})

describe('an idempotency key', () => {
  it('stands for its send for 30 days and for a new one afterwards, whether it was forgotten by then or not', async () => {
    using _ = stopTime()
    await using opened = await linkedStore()
    await using made = retaining(opened.store)
    const { out, retention } = made
    const send = async (key: string): Promise<string> =>
      (await out.sending.send(ACCOUNT, { to: addressOfPerson(ALICE), text: 'deployed' }, key)).id
    const [one, two] = [await send('one'), await send('two')]
    await pass(30 * DAY_MS - 1)
    await retention.prune()
    expect([await send('one'), await send('two')]).toEqual([one, two])
    await pass(2)
    const again = await send('two')
    expect(again).not.toBe(two)
    await retention.prune()
    expect(await count(opened.store, 'idempotency_keys')).toBe(1)
    expect(await send('two')).toBe(again)
    expect(await send('one')).not.toBe(one)
  })
})
