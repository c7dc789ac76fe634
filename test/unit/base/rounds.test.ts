import { setImmediate } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { createRounds } from '../../../plugin/base/rounds.ts'

it('of many who ask at once one goes on in each round of the loop, and others in between', async () => {
  const next = createRounds()
  const order: string[] = []
  const many = [1, 2, 3].map(async n => {
    await next()
    order.push(`account ${n}`)
  })
  const others = (async () => {
    for (let round = 0; round < 4; round += 1) {
      await setImmediate()
      order.push('others')
    }
  })()
  await Promise.all([...many, others])
  expect(order.filter(each => each !== 'others')).toEqual(['account 1', 'account 2', 'account 3'])
  for (const n of [2, 3]) expect(order[order.indexOf(`account ${n}`) - 1]).toBe('others')
})
