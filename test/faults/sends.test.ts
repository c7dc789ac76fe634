import { expect, it } from 'vitest'

import type { TransmitOutcome } from '../../plugin/contract/delivery.ts'
import { addressOfPerson } from '../../plugin/contract/ids.ts'
import { pacedOutbox, pass, stopTime, stranger } from '../support/paced-outbox.ts'
import { StandInGateway, type Transmission } from '../support/stand-in-gateway.ts'
import { ACCOUNT, ALICE, ORG, linkedStore } from '../support/store.ts'

/** An outbox that does not pace. */
function outboxOf(...parts: Parameters<typeof pacedOutbox>) {
  const out = pacedOutbox(...parts)
  out.inForce.limits = null
  return out
}

/** A gateway whose transmissions stay open until their line is lost, or until it is told to acknowledge. */
function openGateway() {
  const gateway = new StandInGateway()
  const open: { readonly transmission: Transmission; readonly end: (outcome: TransmitOutcome) => void }[] = []
  const acked: string[] = []
  gateway.answer = transmission => new Promise(resolve => open.push({ transmission, end: resolve }))
  return {
    gateway,
    open,
    acked,
    acknowledge: (): void => {
      const next = open.shift()
      if (next) acked.push(next.transmission.stanzaId)
      next?.end({ outcome: 'sent' })
    },
    lose: (): void => {
      for (const { end } of open.splice(0)) end({ outcome: 'unknown' })
    },
  }
}

it('F6: a client that asks again under its key after a crash gets the send that was kept, once', async () => {
  await using opened = await linkedStore()
  const gateway = new StandInGateway()
  const request = { to: addressOfPerson(ALICE), text: 'deployed' }
  const before = outboxOf(opened.store, gateway)
  const { id } = await before.sending.send(ACCOUNT, request, 'key-1')
  await before[Symbol.asyncDispose]()
  await using again = await opened.reopened()
  await using after = outboxOf(again.store, gateway)
  expect((await after.sending.send(ACCOUNT, request, 'key-1')).id).toBe(id)
  await after.connect()
  await after.line('send settled')
  expect(gateway.texts).toEqual(['deployed'])
})

it('F7: what was written and not acknowledged before a crash goes out again under the same id with the same bytes', async () => {
  await using opened = await linkedStore()
  const { gateway, open, lose, acknowledge } = openGateway()
  const before = outboxOf(opened.store, gateway)
  await before.connect()
  await before.say(ALICE, 'perhaps')
  await expect.poll(() => open.length).toBe(1)
  await before.outbox.stop()
  lose()
  await before.outbox.settled()
  await using again = await opened.reopened()
  await using after = outboxOf(again.store, gateway)
  await after.outbox.open()
  await after.connect()
  await expect.poll(() => open.length).toBe(1)
  acknowledge()
  await after.line('send settled')
  expect(gateway.transmissions).toHaveLength(2)
  expect(gateway.transmissions[1]).toEqual(gateway.transmissions[0])
})

it('F25: what waits for a slow acknowledgement is not written again', async () => {
  await using opened = await linkedStore()
  using _ = stopTime()
  const { gateway, acknowledge } = openGateway()
  await using out = outboxOf(opened.store, gateway)
  await out.connect()
  const { id } = await out.say(ALICE, 'slowly')
  await pass(74_000)
  expect(gateway.transmissions).toHaveLength(1)
  expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'accepted' })
  acknowledge()
  await pass(1)
  expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'sent' })
})

it.each([463, 479, 429, 400])('F40: what WhatsApp refuses with %i is rejected and not written again', async code => {
  await using opened = await linkedStore()
  const gateway = new StandInGateway()
  gateway.answer = () => ({ outcome: 'rejected', code })
  const before = outboxOf(opened.store, gateway)
  await before.connect()
  const { id } = await before.say(ALICE, 'refused')
  await before.line('send settled')
  before.outbox.disconnected(ACCOUNT)
  await before.connect()
  await before[Symbol.asyncDispose]()
  await using again = await opened.reopened()
  await using after = outboxOf(again.store, gateway)
  await after.connect()
  await after.say(stranger(1), 'another')
  await after.line('send settled')
  expect(gateway.texts).toEqual(['refused', 'another'])
  expect(await after.deliveries.find(ORG, id)).toMatchObject({ status: 'rejected', rejectedCode: code })
})

it('F46: fifty reloads while sends are under way lose none of them and say none twice', async () => {
  await using opened = await linkedStore()
  const { gateway, open, acked, lose, acknowledge } = openGateway()
  await using out = outboxOf(opened.store, gateway)
  await out.connect()
  const sends = []
  for (let n = 0; n < 60; n += 1) sends.push(await out.say(stranger(n % 4), `message ${n}`))
  for (let reload = 0; reload < 50; reload += 1) {
    await expect.poll(() => open.length, { interval: 1 }).toBe(4)
    const before = acked.length
    if (reload % 2 === 0) acknowledge()
    const reconnected = out.connect()
    out.outbox.disconnected(ACCOUNT)
    lose()
    await Promise.all([reconnected, out.connect()])
    expect(acked.length - before).toBe(reload % 2 === 0 ? 1 : 0)
  }
  gateway.answer = ({ stanzaId }) => {
    acked.push(stanzaId)
    return { outcome: 'sent' }
  }
  out.outbox.disconnected(ACCOUNT)
  lose()
  await out.connect()
  await out.line('send settled', sends.length)
  for (const { id } of sends) expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'sent' })
  expect(acked.toSorted()).toEqual(sends.map(({ stanzaId }) => stanzaId).toSorted())
  const bytesOf = new Map(gateway.transmissions.map(({ stanzaId, bytes }) => [stanzaId, bytes]))
  for (const { stanzaId, bytes } of gateway.transmissions) expect(bytes).toEqual(bytesOf.get(stanzaId))
  expect(gateway.rendered).toBe(sends.length)
})
