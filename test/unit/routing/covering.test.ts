import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Binding, MatchRule } from '../../../plugin/contract/binding.ts'
import { lidFromDigits, parsePhone, type Chat, type Phone } from '../../../plugin/contract/ids.ts'
import { standingBefore } from '../../../plugin/routing/rule-coverage.ts'
import { RuleIndex } from '../../../plugin/routing/rule-index.ts'
import { NO_SPELLINGS, type Spellings } from '../../../plugin/contacts/spellings.ts'
import { resolved } from '../../support/searched.ts'
import { direct, given, GROUP, ORG } from '../../support/store.ts'

const binding = (rule: MatchRule, at: number, more: Partial<Binding> = {}): Binding => ({
  id: `bnd_${at}`,
  org: ORG,
  agent: `agent ${at}`,
  rule,
  position: at + 1,
  enabled: true,
  version: 1,
  suspendedAt: null,
  createdAt: 0,
  conversation: 'chat',
  ...more,
})

/** The places of those that nobody's message reaches, and of those that stand before them. */
const stood = (bindings: readonly Binding[], spellings: Spellings = NO_SPELLINGS): [number, number][] =>
  [...standingBefore(bindings, spellings)].map(([id, before]) => [
    bindings.findIndex(each => each.id === id) + 1,
    before.position,
  ])

const GROUP_ID = '120363000000000001@g.us'
const [OURS, ALICE, BRAZILIAN, AS_IT_WAS] = ['+972500000001', '+972500000002', '+5511987654321', '+551187654321'].map(
  text => given(parsePhone(text)),
) as [Phone, Phone, Phone, Phone]

describe('what stands before a binding', () => {
  it.each<[string, MatchRule, MatchRule]>([
    ['everything before everything', {}, {}],
    ['the channel before everything', { channel: 'whatsapp' }, {}],
    ['everything before a person', {}, { from: ALICE }],
    ['everything before a pattern', { channel: 'whatsapp' }, { channel: 'whatsapp', text_regex: 'stop' }],
    ['an account before the same account', { to: OURS }, { to: OURS }],
    ['an account before a person who writes to it', { to: OURS }, { to: OURS, from: ALICE }],
    ['a person before the same who says something', { from: ALICE }, { from: ALICE, text_regex: 'stop' }],
    ['a person before the same in a group', { from: ALICE }, { from: ALICE, group: GROUP_ID }],
    ['all groups before one', { chat_type: 'group' }, { group: GROUP_ID }],
    ['all groups before mentions in them', { chat_type: 'group' }, { chat_type: 'group', mentioned: true }],
    ['a pattern before the same of a person', { text_regex: 'stop' }, { from: ALICE, text_regex: 'stop' }],
    ['a pattern that is in every text before another', { text_regex: '.*' }, { text_regex: 'stop' }],
    ['a pattern that is in every text before everything', { text_regex: '(?s)^.*$' }, {}],
    ['what is forwarded before the same of a person', { forwarded: true }, { forwarded: true, from: ALICE }],
  ])('%s', (_, first, second) => {
    expect(stood([binding(first, 0), binding(second, 1)])).toEqual([[2, 1]])
  })

  it.each<[string, MatchRule, MatchRule]>([
    ['a person before everything', { from: ALICE }, {}],
    ['a person before another', { from: ALICE }, { from: OURS }],
    ['an account before another', { to: OURS }, { to: ALICE }],
    ['an account before all', { to: OURS }, {}],
    ['a pattern before another', { text_regex: 'stop' }, { text_regex: 'stop it' }],
    ['a pattern that is not in every text', { text_regex: '.+' }, {}],
    ['a line that is to be all of the text', { text_regex: '^.*$' }, {}],
    ['mentions before what mentions nobody', { mentioned: true }, { mentioned: false }],
    ['what is forwarded before everything', { forwarded: true }, {}],
    ['groups before direct chats', { chat_type: 'group' }, { chat_type: 'direct' }],
    ['groups before a person who may be the peer of a chat', { chat_type: 'group' }, { group: ALICE }],
    ['direct chats before a group', { chat_type: 'direct' }, { group: GROUP_ID }],
  ])('is not %s', (_, first, second) => {
    expect(stood([binding(first, 0), binding(second, 1)])).toEqual([])
  })

  it('is neither one that is disabled, nor one that is asked later, and only of what is asked', () => {
    expect(stood([binding({}, 0, { enabled: false }), binding({ from: ALICE }, 1)])).toEqual([])
    expect(stood([binding({ from: ALICE }, 0), binding({}, 1)])).toEqual([])
    expect(stood([binding({}, 0), binding({ from: ALICE }, 1, { enabled: false })])).toEqual([])
  })

  it('is the first of several', () => {
    const all = [binding({ from: OURS }, 0), binding({ from: ALICE }, 1), binding({}, 2), binding({ from: ALICE }, 3)]
    expect(stood(all)).toEqual([[4, 2]])
  })

  it('is one whose pattern is not searched any more: behind it nothing is asked', () => {
    const rule = { from: ALICE, text_regex: 'stop' }
    expect(stood([binding(rule, 0), binding({ from: ALICE }, 1)])).toEqual([])
    expect(stood([binding(rule, 0, { suspendedAt: 1 }), binding({ from: ALICE }, 1)])).toEqual([[2, 1]])
  })

  it('knows a number however it is spelled', () => {
    const spellings = new Map([[AS_IT_WAS, BRAZILIAN]])
    const behind = [binding({ from: AS_IT_WAS }, 0), binding({ from: BRAZILIAN }, 1)]
    expect(stood(behind, spellings)).toEqual([[2, 1]])
    expect(stood(behind)).toEqual([])
    expect(stood([binding({ from: BRAZILIAN }, 0), binding({ from: AS_IT_WAS }, 1)], spellings)).toEqual([])
  })
})

const people = ['+972500000002', '+972500000003'].map(text => ({
  phone: given(parsePhone(text)),
  lid: given(lidFromDigits(text.slice(-2))),
}))
const address = fc.constantFrom(...people.flatMap(({ phone, lid }) => [phone, `lid:${lid}`]))
const clauses = {
  from: address,
  to: address,
  group: fc.oneof(address, fc.constant(GROUP_ID)),
  text_regex: fc.constantFrom('stop', '.*', '^', '(?s)^.*$', '^.*$', 'o$'),
  mentioned: fc.boolean(),
  forwarded: fc.constant(true as const),
  chat_type: fc.constantFrom('direct' as const, 'group' as const),
}
/** Of few clauses, so that some take what others take. */
const aRule: fc.Arbitrary<MatchRule> = fc
  .subarray(Object.keys(clauses) as (keyof typeof clauses)[], { minLength: 1, maxLength: 2 })
  .chain(keys => fc.record(clauses).map(all => Object.fromEntries(keys.map(key => [key, all[key]]))))
const person = fc.constantFrom(...people)
const aQuestion = fc.record({
  chat: fc.oneof(
    person.map((peer): Chat => direct(peer)),
    fc.constant(GROUP),
  ),
  sender: person,
  receiver: person,
  text: fc.constantFrom('stop', 'go', 'stop\nand go', ''),
  mentioned: fc.boolean(),
  claimed: fc.record({ forwarded: fc.boolean() }),
})

it('no message reaches a binding before which one stands', () => {
  let covered = 0
  fc.assert(
    fc.property(fc.array(aRule, { maxLength: 6 }), aQuestion, (rules, question) => {
      const all = rules.map((rule, at) => binding(rule, at))
      const covering = standingBefore(all, NO_SPELLINGS)
      covered += covering.size
      const answer = resolved(new RuleIndex(all), question)
      if (answer.outcome === 'matched') expect(covering.has(answer.binding.id)).toBe(false)
    }),
    { numRuns: 2_000 },
  )
  expect(covered).toBeGreaterThan(500)
})
