import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Connection } from '../../../../plugin/gateway/connection/socket.ts'
import { createTransmitter } from '../../../../plugin/gateway/outbound/transmitter.ts'

const destination = { jid: '111@lid', attributes: {}, nodes: [] }
const slow = { stanzaId: '3EB0SLOW', message: {}, destination, ready: null }
const late = { ...slow, stanzaId: '3EB0LATE' }
const ackFor = (id: string) => ({ tag: 'ack', attrs: { id, class: 'message' } })

/** The recipient has a device. */
const devices = { getUSyncDevices: () => Promise.resolve([{ user: '111' }]) }

/** A line that takes every frame, and what became of it. */
function line(fails = false) {
  const told = { written: [] as string[], drops: 0 }
  const relayMessage = (_jid: string, _message: unknown, { messageId }: { messageId: string }) => {
    if (fails) return Promise.reject(new Error('nobody has this number'))
    told.written.push(messageId)
    return Promise.resolve(messageId)
  }
  const connection = { socket: { ...devices, relayMessage }, drop: () => (told.drops += 1) }
  return { told, connection: connection as unknown as Connection }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('a message is written once on a line, and its late ack settles whoever asked for it', async () => {
  const transmitter = createTransmitter(300_000)
  const { told, connection } = line()
  const first = transmitter.write(slow, connection)
  await vi.advanceTimersByTimeAsync(90_000)
  const again = transmitter.write(slow, connection)
  transmitter.acknowledged(ackFor(slow.stanzaId))
  expect(await Promise.all([first, again])).toMatchObject([
    { outcome: { outcome: 'sent' } },
    { outcome: { outcome: 'sent' } },
  ])
  expect(told).toEqual({ written: [slow.stanzaId], drops: 0 })
})

it('a message that is never acknowledged costs one line and no more', async () => {
  const transmitter = createTransmitter(1_000)
  const [first, second] = [line(), line()]
  const outcome = transmitter.write(slow, first.connection)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(first.told.drops).toBe(1)
  transmitter.lost()
  expect(await outcome).toMatchObject({ outcome: { outcome: 'unknown' } })

  const again = transmitter.write(slow, second.connection)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(second.told).toEqual({ written: [slow.stanzaId], drops: 0 })
  void transmitter.write(late, second.connection)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(second.told.drops).toBe(1)
  transmitter.acknowledged(ackFor(slow.stanzaId))
  expect(await again).toMatchObject({ outcome: { outcome: 'sent' } })
})

it('what fails on a line that is gone says nothing of its second writing', async () => {
  const transmitter = createTransmitter(1_000)
  let fail = (_error: Error): void => undefined
  const dying = {
    socket: { ...devices, relayMessage: () => new Promise((_resolve, reject) => (fail = reject)) },
    drop: () => undefined,
  } as unknown as Connection
  const first = transmitter.write(slow, dying)
  transmitter.lost()
  await first
  const { connection } = line()
  const second = transmitter.write(slow, connection)
  fail(new Error('Connection Closed'))
  await vi.advanceTimersByTimeAsync(0)
  transmitter.acknowledged(ackFor(slow.stanzaId))
  expect(await second).toMatchObject({ outcome: { outcome: 'sent' } })
})

it('what could not be written at all is unknown', async () => {
  const transmitter = createTransmitter(1_000)
  expect(await transmitter.write(slow, line(true).connection)).toMatchObject({ outcome: { outcome: 'unknown' } })
})

it('an ack that names no chat is given that of its message, and no other one is', () => {
  const transmitter = createTransmitter(1_000)
  void transmitter.write(slow, line().connection)
  const named = (attrs: Record<string, string>, tag = 'ack') => {
    transmitter.named({ tag, attrs })
    return attrs['from']
  }
  const refused = { id: slow.stanzaId, class: 'message', error: '463' }
  expect(named({ ...refused })).toBe('111@lid')
  expect(named({ ...refused, from: '222@lid' })).toBe('222@lid')
  expect(named({ ...refused, id: late.stanzaId })).toBeUndefined()
  expect(named({ ...refused, class: 'receipt' })).toBeUndefined()
  expect(named({ ...refused }, 'message')).toBeUndefined()
})
