import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseAccountName, parseOrgId } from '../../../plugin/contract/ids.ts'
import { FairSlots, FairSlotQueue, type SlotCounts } from '../../../plugin/base/fair-slots.ts'
import { given } from '../../support/given.ts'

const COUNT: SlotCounts = { shared: 6, own: 2, ofChat: 3 }
const MOST = COUNT.shared + COUNT.own

const waits = (org: string, account: string, chatKey: string) => ({
  org: given(parseOrgId(org)),
  account: given(parseAccountName(account)),
  chatKey,
})
const some = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'), fc.nat(30))
  .map(([org, account, chat]) => waits(org, account, `chat ${chat}`))

describe('places', () => {
  it('are those of one org while no other waits, but for the chats that have enough', () => {
    const places = new FairSlots(COUNT)
    const next = (chats: number) =>
      places.next(Array.from({ length: 20 }, (_, n) => waits('a', 'x', `chat ${n % chats}`)))
    expect(next(20)).toHaveLength(MOST)
    expect(next(1)).toHaveLength(3)
    expect(next(2)).toHaveLength(6)
  })

  it('go in turn to orgs, their accounts and those accounts’ chats', () => {
    const places = new FairSlots(COUNT)
    const flood = Array.from({ length: 9 }, () => waits('a', 'x', 'flood'))
    const chosen = places.next([...flood, waits('a', 'y', 'one'), waits('b', 'x', 'two'), waits('a', 'x', 'three')])
    const names = chosen.map(({ org, account, chatKey }) => `${org} ${account} ${chatKey}`)
    expect(names).toEqual(['a x flood', 'b x two', 'a y one', 'a x three', 'a x flood', 'a x flood'])
  })

  it('are free again for others once what had them is over', () => {
    const places = new FairSlots({ shared: 1, own: 1 })
    const [one, two] = [waits('a', 'x', 'one'), waits('a', 'x', 'two')]
    const ends = [places.begin(one), places.begin(two)]
    expect(places.next([one])).toEqual([])
    ends[0]?.()
    expect(places.next([one])).toEqual([one])
  })

  it('are never all held by others, whatever hangs: of each org two begin, and of each account one', () => {
    fc.assert(
      fc.property(fc.array(some, { minLength: 60, maxLength: 90 }), crowd => {
        const places = new FairSlots(COUNT)
        for (const item of places.next(crowd)) places.begin(item)
        const org = Array.from({ length: 5 }, (_, n) => waits('d', 'z', `chat ${n}`))
        expect(places.next(org).length).toBeGreaterThanOrEqual(COUNT.own)
        expect(places.next([waits('a', 'z', 'chat 0')])).toHaveLength(1)
      }),
    )
  })

  it('leave none free that somebody could have, and give no org two more than another that waits', () => {
    fc.assert(
      fc.property(fc.array(some, { maxLength: 80 }), crowd => {
        const places = new FairSlots({ shared: COUNT.shared, own: COUNT.own })
        const begun = places.next(crowd)
        const left = crowd.filter(item => !begun.includes(item))
        const count = (org: string) => begun.filter(item => item.org === org).length
        const shared = ['a', 'b', 'c'].reduce((sum, org) => sum + Math.max(0, count(org) - COUNT.own), 0)
        if (left.length > 0) expect(shared).toBeGreaterThanOrEqual(COUNT.shared)
        for (const { org } of left) {
          for (const other of ['a', 'b', 'c']) expect(count(other) - count(org)).toBeLessThan(2)
        }
      }),
    )
  })
})

describe('work that waits for a place', () => {
  it('is done in turn, and what fails gives its place back', async () => {
    const line = new FairSlotQueue({ shared: 0, own: 1 })
    const done: string[] = []
    const work = (org: string, name: string, fails = false) =>
      line.work(waits(org, 'x', name), () => {
        done.push(name)
        return fails ? Promise.reject(new Error('no')) : Promise.resolve(name)
      })
    const all = await Promise.allSettled([work('a', '1', true), work('a', '2'), work('b', '3'), work('a', '4')])
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
    expect(done).toEqual(['1', '3', '2', '4'])
  })
})
