import { expect, it, vi } from 'vitest'

import { LOCAL_ORG } from '../../plugin/contract/ids.ts'
import { WorkerPool } from '../../plugin/workers/worker-pool.ts'
import { keptLog } from '../support/host.ts'

// A package of which the workers were not installed.
vi.mock('../../plugin/files/package-root.ts', () => ({ packageRoot: () => '/nowhere' }))

it('A pool of which no worker can be begun says since when, and that what it was asked has no answer', async () => {
  const pool = new WorkerPool(keptLog().log, 1)
  const work = { org: LOCAL_ORG, tool: 'pattern', input: null, limitMs: 200, patienceMs: 60_000 } as never
  const begunAt = Date.now()
  expect(pool.downSince()).toBeNull()
  while (pool.downSince() === null) expect(await pool.run(work)).toMatchObject({ outcome: 'ended' })
  expect(pool.downSince()).toBeGreaterThanOrEqual(begunAt)
  await pool.close()
})
