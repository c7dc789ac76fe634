import { expect, it } from 'vitest'

import { ResourceStack } from '../../../plugin/base/resource-stack.ts'
import { keptLog } from '../../support/host.ts'

it('closes what was opened last first, each once, and goes on past what cannot be closed', async () => {
  const { log, lines } = keptLog()
  const closed: string[] = []
  const stack = new ResourceStack(log)
  stack.defer('first', () => void closed.push('first'))
  stack.defer('broken', () => Promise.reject(new Error('a secret')))
  stack.defer('last', async () => void closed.push('last'))
  await stack.close()
  await stack.close()
  expect(closed).toEqual(['last', 'first'])
  expect(lines).toEqual([{ level: 'error', event: 'not closed', fields: { resource: 'broken', code: 'internal' } }])
})
