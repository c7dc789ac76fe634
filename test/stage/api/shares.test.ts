import { expect, it } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import { call, createTestHost, ORG_A, ORG_B, post, serveApi, tokenOf } from '../../support/api.ts'
import { createMemoryOperations } from '../../support/operations.ts'

it('a call waits for its org’s share of the loop, once it is judged and told, and before anything is done for it', async () => {
  const { host, audited } = createTestHost()
  const steps: string[] = []
  let open: () => void = () => undefined
  const isOpen = new Promise<void>(resolve => (open = resolve))
  const memory = createMemoryOperations()
  const operations = {
    ...memory,
    shares: {
      next: async (org: OrgId) => {
        steps.push(`${org} waits, ${audited.length} told`)
        if (org === ORG_B) await isOpen
      },
    },
    channels: {
      list: (org: OrgId) => {
        steps.push(`${org} is answered`)
        return memory.channels.list(org)
      },
    },
    reloads: {
      reload: (org: OrgId) => {
        steps.push(`${org} is reloaded`)
        return Promise.resolve()
      },
    },
  }
  await using served = await serveApi({ operations, host })
  const token = tokenOf(ORG_B, 'admin')
  const reloaded = post(`${served.url}/api/v1/channels/reload`, {}, { token })
  await expect.poll(() => steps).toEqual([`${ORG_B} waits, 1 told`])
  expect((await call(`${served.url}/api/v1/channels`)).status).toBe(200)
  expect(steps.slice(1)).toEqual([`${ORG_A} waits, 1 told`, `${ORG_A} is answered`])
  open()
  expect((await reloaded).status).toBe(200)
  expect(steps.at(-1)).toBe(`${ORG_B} is reloaded`)
  await served.api.admit(
    { org: ORG_A, role: 'owner', user: 'usr_a' },
    { action: 'audit.list', changes: false, requestId: 'r' },
  )
  expect(steps.at(-1)).toBe(`${ORG_A} waits, 2 told`)
})
