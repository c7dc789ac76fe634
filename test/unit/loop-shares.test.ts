import { expect, it } from 'vitest'

import type { OrgId } from '../../plugin/contract/ids.ts'
import { LoopShares } from '../../plugin/loop-shares.ts'

const [A, B] = ['org_a' as OrgId, 'org_b' as OrgId]

it('what many of one org wait for is done one after the other, and what another org waits for in between', async () => {
  const shares = new LoopShares()
  const order: string[] = []
  const many = Array.from({ length: 50 }, (_, n) => shares.next(B).then(() => order.push(`b${n}`)))
  const one = shares.next(A).then(() => order.push('a'))
  const timer = new Promise<void>(resolve => setImmediate(() => setImmediate(() => resolve(void order.push('loop')))))
  await Promise.all([...many, one, timer])
  expect(order.filter(each => each.startsWith('b'))).toEqual(many.map((_, n) => `b${n}`))
  expect(order.indexOf('a')).toBeLessThan(3)
  expect(order.indexOf('loop')).toBeLessThan(6)
})
