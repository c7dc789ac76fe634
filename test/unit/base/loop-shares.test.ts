import { setImmediate } from 'node:timers/promises'

import { expect, it, vi } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import { EventLoopShares, type Share } from '../../../plugin/base/event-loop-shares.ts'

const [A, B] = ['org_a' as OrgId, 'org_b' as OrgId]

it('what many of one org wait for is done one after the other, and what another org waits for in between', async () => {
  const shares = new EventLoopShares()
  const order: string[] = []
  const many = Array.from({ length: 50 }, (_, n) => shares.next(B, 'calls').then(() => order.push(`b${n}`)))
  const one = shares.next(A, 'calls').then(() => order.push('a'))
  const timer = rounds(2, () => undefined).then(() => order.push('loop'))
  await Promise.all([...many, one, timer])
  expect(order.filter(each => each.startsWith('b'))).toEqual(many.map((_, n) => `b${n}`))
  expect(order.indexOf('a')).toBeLessThan(3)
  expect(order.indexOf('loop')).toBeLessThan(6)
})

/** Keeps the loop from everybody for a while. */
function takesAWhile(): void {
  const until = performance.now() + 30
  while (performance.now() < until);
}

/** What the loop gets round to, so many times. */
const rounds = async (count: number, each: () => void): Promise<void> => {
  for (let n = 0; n < count; n += 1) {
    await setImmediate()
    each()
  }
}

it('rests after what took a while, where others have something done as well', async () => {
  const shares = new EventLoopShares()
  shares.seen(A)
  const order: string[] = []
  const worked = (name: string) => () => {
    takesAWhile()
    order.push(name)
    setTimeout(() => order.push(`what others wait for since ${name}`), 15)
  }
  await Promise.all([shares.next(B, 'calls').then(worked('b1')), shares.next(B, 'calls').then(worked('b2'))])
  await shares.next(A, 'calls').then(worked('a'))
  expect(order).toEqual(['b1', 'what others wait for since b1', 'b2', 'a'])
})

it('goes on at once where nobody else has anything done', async () => {
  const shares = new EventLoopShares()
  const order: string[] = []
  const both = [shares.next(B, 'calls').then(takesAWhile), shares.next(B, 'calls').then(() => order.push('b2'))]
  await rounds(6, () => order.push('round'))
  await Promise.all(both)
  expect(order.indexOf('b2')).toBeGreaterThanOrEqual(0)
  expect(order.indexOf('b2')).toBeLessThan(6)
})

it('lets what people write wait for one call and not for all of them, nor the calls for all that people write', async () => {
  const shares = new EventLoopShares()
  const order: string[] = []
  const wanted = (share: Share, count: number): Promise<unknown>[] =>
    Array.from({ length: count }, () => shares.next(B, share).then(() => order.push(share)))
  await Promise.all([...wanted('calls', 20), ...wanted('messages', 2)])
  expect(order.slice(0, 4)).toEqual(['messages', 'calls', 'messages', 'calls'])
  order.length = 0
  await Promise.all([...wanted('messages', 20), ...wanted('calls', 1)])
  expect(order.indexOf('calls')).toBe(1)
})

it('knows whether an org is the only one that had work in the last two seconds', () => {
  let now = 5_000
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  const shares = new EventLoopShares()
  expect(shares.isAlone(A)).toBe(true)
  shares.seen(A)
  expect([shares.isAlone(A), shares.isAlone(B)]).toEqual([true, false])
  now += 1_999
  shares.seen(B)
  expect([shares.isAlone(A), shares.isAlone(B)]).toEqual([false, false])
  now += 1
  expect([shares.isAlone(A), shares.isAlone(B)]).toEqual([false, true])
  now += 2_000
  expect([shares.isAlone(A), shares.isAlone(B)]).toEqual([true, true])
  clock.mockRestore()
})
