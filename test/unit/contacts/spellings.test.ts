import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Binding } from '../../../plugin/contract/binding.ts'
import { parsePhone, type Phone } from '../../../plugin/contract/ids.ts'
import { explain } from '../../../plugin/routing/explain-rule.ts'
import { RuleIndex } from '../../../plugin/routing/rule-index.ts'
import { isNumber, twinOf, type Spellings } from '../../../plugin/contacts/spellings.ts'
import { seenIn } from '../../support/searched.ts'
import { US, direct, given, ORG, person } from '../../support/store.ts'

const phone = (digits: string): Phone => given(parsePhone(`+${digits}`))

const TWINS = [
  ['Brazil', '5511987654321', '551187654321'],
  ['Mexico', '5215512345678', '525512345678'],
  ['Argentina', '5491123456789', '541123456789'],
] as const

describe('the other way in which WhatsApp may have a number', () => {
  it.each(TWINS)('is known of %s, both ways', (_, one, other) => {
    expect([twinOf(phone(one)), twinOf(phone(other))]).toEqual([phone(other), phone(one)])
  })

  it.each(['551133334444', '5511933334444', '972500000001', '15551234567', '5255123456', '54911234567'])(
    'is not known of %s',
    digits => expect(twinOf(phone(digits))).toBeNull(),
  )

  it('is never a third one', () => {
    const digits = fc.stringMatching(/^(55|52|54)[0-9]{9,11}$/)
    fc.assert(
      fc.property(digits, each => {
        const twin = twinOf(phone(each))
        if (twin !== null) expect(twinOf(twin)).toBe(phone(each))
      }),
      { numRuns: 20_000 },
    )
  })
})

const binding = (at: number, rule: Binding['rule']): Binding => ({
  id: `bnd_${at}`,
  org: ORG,
  agent: 'echo',
  rule,
  position: at,
  enabled: true,
  version: 1,
  suspendedAt: null,
  createdAt: 0,
  conversation: 'chat',
})

const [[, WRITTEN, HAS]] = TWINS
const named = [binding(1, { from: `+${WRITTEN}` }), binding(2, {})]
const writes = (digits: string) => {
  const sender = person(null, digits)
  return { chat: direct(sender), sender, receiver: US, text: 'hello', mentioned: false }
}
const said = (digits: string, spellings: Spellings) => {
  const { outcome, ...more } = new RuleIndex(named, 0, spellings).resolve(writes(digits))
  return outcome === 'matched' ? (more as { binding: Binding }).binding.position : (more as { reason: string }).reason
}

describe('a rule that names a number', () => {
  it('is undecided for who may have it under another spelling, so that no later one answers', () => {
    expect(said(HAS, new Map())).toBe('identity_unknown')
    expect(said(WRITTEN, new Map())).toBe(1)
    expect(said('972500000009', new Map())).toBe(2)
  })

  it('takes them once WhatsApp has said that they have it, in any country', () => {
    expect(said(HAS, new Map([[phone(WRITTEN), phone(HAS)]]))).toBe(1)
    expect(said('2250701234567', new Map([[phone(WRITTEN), phone('2250701234567')]]))).toBe(1)
  })

  it.each([
    ['has it as it is written', phone(WRITTEN)],
    ['knows nobody by it', null],
    ['has it as a third', phone('4915112345678')],
  ])('leaves them to the next once WhatsApp %s', (_, address) => {
    expect(said(HAS, new Map([[phone(WRITTEN), address]]))).toBe(2)
  })

  it('is explained as it is resolved', () => {
    const some = fc.constantFrom(...TWINS.flatMap(([, one, other]) => [one, other]), '4915112345678')
    const answers = fc.array(fc.tuple(some, fc.option(some, { nil: null })), { maxLength: 4 })
    fc.assert(
      fc.property(fc.array(some, { maxLength: 3 }), some, answers, (rules, sender, answered) => {
        const spellings: Spellings = new Map(
          answered.map(([from, to]) => [phone(from), to === null ? null : phone(to)]),
        )
        const all = rules.map((digits, at) => binding(at, { from: `+${digits}` }))
        const resolved = new RuleIndex(all, 0, spellings).resolve(writes(sender))
        expect(explain(all, writes(sender), { spellings, seen: seenIn(writes(sender)) }).resolution).toEqual(resolved)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is somebody’s own number whatever was answered', () => {
    expect(isNumber(phone(WRITTEN), phone(WRITTEN), new Map([[phone(WRITTEN), null]]))).toBe('yes')
  })
})
