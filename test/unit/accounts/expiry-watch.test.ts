import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { WebVersion } from '../../../plugin/contract/web-version.ts'
import { ClientExpiry } from '../../../plugin/accounts/client-expiry.ts'
import { keptLog } from '../../support/host.ts'

const VERSION: WebVersion = '2.3000.1043857760'
const DAY_MS = 86_400_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('says once a day from 14 days before that WhatsApp is about to refuse the client, and stops when that is taken back', async () => {
  const { log, lines } = keptLog()
  let expiry: { version: WebVersion; at: number } | null = { version: VERSION, at: Date.now() + 20 * DAY_MS }
  const watch = new ClientExpiry({ firstExpiry: () => Promise.resolve(expiry) }, log)
  await watch.look()
  await vi.advanceTimersByTimeAsync(5.5 * DAY_MS)
  expect(lines).toEqual([])
  await vi.advanceTimersByTimeAsync(4 * DAY_MS)
  expect(lines.map(({ event, level }) => [event, level])).toEqual(Array(4).fill(['client expires', 'warn']))
  expect(lines.map(({ fields }) => fields['days'])).toEqual([14, 13, 12, 11])
  expect(lines[0]?.fields['version']).toBe(VERSION)
  // That more accounts are told of it is no news.
  await watch.look()
  expect(lines).toHaveLength(4)
  expiry = null
  await vi.advanceTimersByTimeAsync(3 * DAY_MS)
  expect(lines).toHaveLength(4)
  await watch.close()
  expiry = { version: VERSION, at: Date.now() }
  await vi.advanceTimersByTimeAsync(3 * DAY_MS)
  expect(lines).toHaveLength(4)
})

it('says so when the expiry cannot be read, and goes on', async () => {
  const { log, lines } = keptLog()
  const watch = new ClientExpiry({ firstExpiry: () => Promise.reject(new Error('no')) }, log)
  await watch.look()
  expect(lines.map(({ event }) => event)).toEqual(['client expiry not read'])
  await watch.close()
})
