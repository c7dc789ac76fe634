import { expect, it, vi } from 'vitest'

import type { Environment } from '../../plugin/config/environment.ts'
import { GatewayClient } from '../../plugin/supervisor/gateway-client.ts'
import { testHost } from '../support/host.ts'

const supervised = vi.hoisted(() => ({ start: (): Promise<void> => Promise.resolve() }))
// A gateway that comes up when the test wants it to.
vi.mock('../../plugin/supervisor/supervisor.ts', () => ({
  createSupervisor: (parts: { onReady: () => void }) => ({
    start: () => supervised.start().then(parts.onReady),
    stop: () => Promise.resolve(),
  }),
}))

it('A gateway that does not start is down since the first try, until it is up', async () => {
  await using made = await testHost()
  const line = new GatewayClient({
    host: made.host,
    environment: { stateFolder: made.host.dataFolder } as Environment,
    settings: {} as never,
    accepted: () => null,
  })
  supervised.start = () => Promise.reject(new Error('no'))
  expect(line.downSince).toBeNull()
  const begunAt = Date.now()
  line.startSoon()
  await made.line('gateway not started')
  const since = line.downSince
  expect(since).toBeGreaterThanOrEqual(begunAt)
  await expect(line.start()).rejects.toThrow('no')
  expect(line.downSince).toBe(since)
  supervised.start = () => Promise.resolve()
  await line.start()
  expect(line.downSince).toBeNull()
  await line.end()
})
