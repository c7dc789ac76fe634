import fc from 'fast-check'
import { expect, it } from 'vitest'

import { Slots } from '../../../../plugin/gateway/convert/slots.ts'

type Work = { readonly owner: string; readonly end: () => void }

/** Works that go on until they are ended. */
function works(slots: Slots) {
  const begun: Work[] = []
  const bring = (owner: string): Promise<void> =>
    slots.run(owner, () => new Promise<void>(end => void begun.push({ owner, end })))
  const endFirst = async (): Promise<void> => {
    begun.shift()?.end()
    for (let tick = 0; tick < 5; tick += 1) await Promise.resolve()
  }
  return { begun, bring, endFirst, owners: () => begun.map(({ owner }) => owner).join('') }
}

it('takes so many at a time, one of an owner, and owners in turn', async () => {
  const { bring, owners, endFirst } = works(new Slots(2))
  for (const owner of 'aaabbbc') void bring(owner)
  await Promise.resolve()
  expect(owners()).toBe('ab')
  await endFirst()
  expect(owners()).toBe('bc')
  await endFirst()
  expect(owners()).toBe('ca')
  await endFirst()
  expect(owners()).toBe('ab')
})

it('goes on behind one that fails', async () => {
  const slots = new Slots(1)
  await expect(slots.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await slots.run('a', () => Promise.resolve('yes'))).toBe('yes')
})

it('has nobody wait longer than one work of each other, whoever brings how many', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 40 }), async brought => {
      const { begun, bring, owners, endFirst } = works(new Slots(2))
      const all = Promise.all(brought.map(bring))
      const order: string[] = []
      for (await Promise.resolve(); begun.length > 0; await endFirst()) {
        expect(begun.length).toBeLessThanOrEqual(2)
        expect(new Set(owners()).size).toBe(begun.length)
        order.push(begun[0]?.owner ?? '')
      }
      await all
      expect(order.toSorted()).toEqual(brought.toSorted())
      const rounds = new Set(brought).size
      for (const owner of new Set(brought)) expect(order.indexOf(owner)).toBeLessThan(2 * rounds)
    }),
  )
})
