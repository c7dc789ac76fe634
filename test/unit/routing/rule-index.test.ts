import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Binding, MatchInput, MatchRule } from '../../../plugin/contract/binding.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import { type Chat, lidFromDigits, parseGroupId, parsePhone, type Person } from '../../../plugin/contract/ids.ts'
import { explain } from '../../../plugin/routing/explain-rule.ts'
import { patternOf } from '../../../plugin/patterns/pattern.ts'
import { RuleIndex } from '../../../plugin/routing/rule-index.ts'
import { resolved, seenIn } from '../../support/searched.ts'
import { ALICE, BOB, GROUP, ORG, US, byLid, byPhone, direct, given } from '../../support/store.ts'

function bindings(...rules: MatchRule[]): Binding[] {
  return rules.map((rule, at) => ({
    id: `bnd_${at}`,
    org: ORG,
    agent: 'echo',
    rule,
    position: at + 1,
    enabled: true,
    version: 1,
    suspendedAt: null,
    createdAt: 0,
    conversation: 'chat' as const,
  }))
}

function asked(more: Partial<MatchInput> = {}): MatchInput {
  return { chat: direct(ALICE), sender: ALICE, receiver: US, text: 'hello', mentioned: false, ...more }
}

/** The position of the binding that answers, or why none does. */
function answer(question: MatchInput, ...rules: MatchRule[]): number | string {
  const resolution = resolved(new RuleIndex(bindings(...rules)), question)
  return resolution.outcome === 'matched' ? resolution.binding.position : resolution.reason
}

const alicePhone = given(ALICE.phone)
const aliceLid = `lid:${given(ALICE.lid)}`
const bobPhone = given(BOB.phone)
const group = GROUP.kind === 'group' ? GROUP.group : ''

describe('the index of rules', () => {
  it('lets the first of two rules that hold answer', () => {
    expect(answer(asked(), { from: bobPhone }, {}, { from: alicePhone })).toBe(2)
  })

  it('says so when no rule holds', () => {
    expect(answer(asked(), { from: bobPhone }, { text_regex: 'restart' })).toBe('no_binding')
    expect(answer(asked())).toBe('no_binding')
  })

  it('finds a person by any address that is known of them, in a direct chat and in a group', () => {
    for (const from of [alicePhone, aliceLid]) {
      expect(answer(asked(), { from })).toBe(1)
      expect(answer(asked({ chat: GROUP }), { from })).toBe(1)
    }
  })

  it('does not let a later rule answer while an earlier one may yet hold', () => {
    const unknownPhone = asked({ sender: byLid(ALICE), chat: direct(byLid(ALICE)) })
    expect(answer(unknownPhone, { from: alicePhone }, {})).toBe('identity_unknown')
    expect(answer(unknownPhone, {}, { from: alicePhone })).toBe(1)
  })

  it('passes over a rule that cannot hold, whoever the person turns out to be', () => {
    const unknownPhone = asked({ sender: byLid(ALICE), chat: direct(byLid(ALICE)) })
    expect(answer(unknownPhone, { from: alicePhone, text_regex: 'restart' }, {})).toBe(2)
    expect(answer(unknownPhone, { from: alicePhone, group }, {})).toBe(2)
  })

  it('takes "group" as the id of a group', () => {
    expect(answer(asked({ chat: GROUP }), { group })).toBe(1)
    expect(answer(asked(), { group })).toBe('no_binding')
    expect(answer(asked({ chat: GROUP }), { group: '120363000000000002@g.us' })).toBe('no_binding')
  })

  it('takes "group" as a person: the sender in a group, the peer of a direct chat, and nobody else in either', () => {
    expect(answer(asked({ chat: GROUP }), { group: alicePhone })).toBe(1)
    expect(answer(asked({ chat: direct(ALICE) }), { group: alicePhone })).toBe(1)
    expect(answer(asked({ chat: GROUP, sender: BOB }), { group: alicePhone })).toBe('no_binding')
    expect(answer(asked({ chat: direct(ALICE), sender: US }), { group: alicePhone })).toBe(1)
  })

  it('takes "to" as any address of the number it was written to', () => {
    const us = { phone: US.phone, lid: lidFromDigits('999') }
    expect(answer(asked({ receiver: us }), { to: given(US.phone) })).toBe(1)
    expect(answer(asked({ receiver: us }), { to: 'lid:999' })).toBe(1)
    expect(answer(asked(), { to: 'lid:999' })).toBe('identity_unknown')
    expect(answer(asked({ receiver: us }), { to: alicePhone })).toBe('no_binding')
  })

  it('searches the pattern anywhere in the text', () => {
    expect(answer(asked({ text: 'please restart api' }), { text_regex: 'restart \\w+' })).toBe(1)
    expect(answer(asked({ text: 'please restart api' }), { text_regex: '^restart' })).toBe('no_binding')
  })

  it('searches the first 16 kB of the text, counted in UTF-8 and cut between characters', () => {
    const found = 'x'.repeat(16 * 1024 - 4) + 'stop'
    expect(answer(asked({ text: found }), { text_regex: 'stop' })).toBe(1)
    expect(answer(asked({ text: `x${found}` }), { text_regex: 'stop' })).toBe('no_binding')
    expect(answer(asked({ text: 'א'.repeat(8 * 1024) + 'stop' }), { text_regex: 'stop' })).toBe('no_binding')
    expect(answer(asked({ text: `x${'😀'.repeat(5_000)}` }), { text_regex: '[^x😀]' })).toBe('no_binding')
  })

  it('passes over a rule in which a group is to have written a message, or to have been written to', () => {
    expect(answer(asked({ chat: GROUP }), { from: group }, { to: group }, { from: alicePhone })).toBe(3)
  })

  it('asks no pattern behind the rule that answers', () => {
    const unreadable = { text_regex: '(' }
    expect(answer(asked(), { from: alicePhone }, unreadable)).toBe(1)
    expect(() => answer(asked(), { from: bobPhone }, unreadable)).toThrow(/match_rule\.text_regex/)
  })

  it('tells those who mention it from those who do not, and groups from people', () => {
    const rules: MatchRule[] = [
      { chat_type: 'group', mentioned: true },
      { mentioned: false, chat_type: 'direct' },
    ]
    expect(answer(asked({ chat: GROUP, mentioned: true }), ...rules)).toBe(1)
    expect(answer(asked({ chat: GROUP }), ...rules)).toBe('no_binding')
    expect(answer(asked(), ...rules)).toBe(2)
    expect(answer(asked({ mentioned: true }), ...rules)).toBe('no_binding')
  })

  it('refuses a pattern that RE2 cannot run or that would take too long, and names the key', () => {
    for (const text_regex of ['(', '(?=x)', '(a)\\1', 'a{1001}', '[[:word:]]{500}.*'.repeat(10)]) {
      expect(() => patternOf(text_regex)).toThrow(ChannelError)
      expect(() => patternOf(text_regex)).toThrow(/match_rule\.text_regex/)
    }
  })
})

const phones = ['+972500000002', '+972500000003'].map(text => given(parsePhone(text)))
const lids = ['11', '22'].map(text => given(lidFromDigits(text)))
const groups = ['120363000000000001@g.us', '120363000000000002@g.us'].map(text => given(parseGroupId(text)))

const somebody: fc.Arbitrary<Person> = fc
  .record({ lid: fc.constantFrom(null, ...lids), phone: fc.constantFrom(null, ...phones) })
  .filter(({ lid, phone }) => lid !== null || phone !== null)
const anAddress = fc.constantFrom(...phones, ...lids.map(lid => `lid:${lid}`))
const anAddressOrGroup = fc.oneof({ weight: 3, arbitrary: anAddress }, fc.constantFrom<string>(...groups))

type RuleKey = 'from' | 'to' | 'group' | 'text_regex' | 'mentioned' | 'chat_type'

function aRuleOf(
  address: fc.Arbitrary<string>,
  texts: string[],
  requiredKeys: RuleKey[] = [],
): fc.Arbitrary<MatchRule> {
  const pattern = fc.constantFrom(...texts)
  const facts = { mentioned: fc.boolean(), chat_type: fc.constantFrom('direct' as const, 'group' as const) }
  return fc.record({ from: address, to: address, group: address, text_regex: pattern, ...facts }, { requiredKeys })
}

const aRule = aRuleOf(anAddressOrGroup, ['stop', 'go'])
/** Few questions fit it: it names more people than ask them. */
const aNarrowRule = fc.oneof(
  ...(['from', 'to', 'group', 'text_regex'] as const).map(key => {
    const somebodyElse = fc.integer({ min: 10, max: 99 }).map(digits => `+9725000001${digits}`)
    return aRuleOf(fc.oneof({ weight: 5, arbitrary: somebodyElse }, anAddressOrGroup), ['stop', 'wait', 'never'], [key])
  }),
)
const aQuestion: fc.Arbitrary<MatchInput> = fc.record({
  sender: somebody,
  receiver: somebody,
  chat: fc.oneof(
    somebody.map((peer): Chat => ({ kind: 'direct', peer })),
    fc.constantFrom(...groups).map((id): Chat => ({ kind: 'group', group: id })),
  ),
  text: fc.constantFrom('stop', 'go', 'stop and go', ''),
  mentioned: fc.boolean(),
})

/** Everybody that this person may turn out to be: each address that is not known is any of the ones there are, or another. */
function guises(known: Person): Person[] {
  const possibleLids = known.lid === null ? [...lids, given(lidFromDigits('99'))] : [known.lid]
  const possiblePhones = known.phone === null ? [...phones, given(parsePhone('+972509999999'))] : [known.phone]
  return possibleLids.flatMap(lid => possiblePhones.map(phone => ({ lid, phone })))
}

const isNamed = (address: string, { lid, phone }: Person): boolean =>
  address === phone || address === `lid:${lid ?? ''}`

/** What each key of a rule says of a message of which everything is known. */
const KEYS: {
  readonly [Key in RuleKey]: (value: NonNullable<MatchRule[Key]>, question: MatchInput) => boolean
} = {
  from: (value, { sender }) => isNamed(value, sender),
  to: (value, { receiver }) => isNamed(value, receiver),
  group: (value, { chat, sender }) =>
    chat.kind === 'group' ? chat.group === value || isNamed(value, sender) : isNamed(value, chat.peer),
  text_regex: (value, { text }) => text.includes(value),
  mentioned: (value, { mentioned }) => mentioned === value,
  chat_type: (value, { chat }) => chat.kind === value,
}

/** All that each key may say, over everybody that the people may turn out to be. */
function possible(rule: MatchRule, question: MatchInput): Set<boolean>[] {
  const peers = question.chat.kind === 'direct' ? guises(question.chat.peer) : [null]
  const worlds = guises(question.sender).flatMap(sender =>
    guises(question.receiver).flatMap(receiver =>
      peers.map((peer): MatchInput => ({ ...question, sender, receiver, chat: peer ? direct(peer) : question.chat })),
    ),
  )
  const said = <Key extends RuleKey>(key: Key): Set<boolean>[] => {
    const value = rule[key]
    return value === undefined ? [] : [new Set(worlds.map(world => KEYS[key](value, world)))]
  }
  return (['from', 'to', 'group', 'text_regex', 'mentioned', 'chat_type'] as const).flatMap(key => said(key))
}

function oracle(question: MatchInput, rules: readonly MatchRule[]): number | string {
  for (const [at, rule] of rules.entries()) {
    const said = possible(rule, question)
    if (said.some(verdicts => !verdicts.has(true))) continue
    return said.some(verdicts => verdicts.has(false)) ? 'identity_unknown' : at + 1
  }
  return 'no_binding'
}

/** What a value of an address key says of a person; null when it is an address that is not known of them. */
function saysOf(value: string, { lid, phone }: Person): boolean | null {
  if (value.endsWith('@g.us')) return false
  const known = value.startsWith('lid:') ? lid && `lid:${lid}` : phone
  return known === null ? null : known === value
}

/** One rule after the other, and of each rule one key after the other. */
function walk(question: MatchInput, rules: readonly MatchRule[]): number | string {
  const { chat, sender, receiver, text, mentioned } = question
  for (const [at, { from, to, group, text_regex, ...facts }] of rules.entries()) {
    const said = [
      from === undefined || saysOf(from, sender),
      to === undefined || saysOf(to, receiver),
      group === undefined ||
        (chat.kind === 'group' ? chat.group === group || saysOf(group, sender) : saysOf(group, chat.peer)),
      text_regex === undefined || text.includes(text_regex),
      facts.mentioned === undefined || facts.mentioned === mentioned,
      facts.chat_type === undefined || facts.chat_type === chat.kind,
    ]
    if (said.includes(false)) continue
    return said.includes(null) ? 'identity_unknown' : at + 1
  }
  return 'no_binding'
}

describe('the index of rules, for any rules and any message', () => {
  it('answers as asking one rule after the other does, however many there are', () => {
    const many = { minLength: 5, maxLength: 60 }
    fc.assert(
      fc.property(
        aQuestion,
        fc.array(aNarrowRule, many),
        fc.array(aRule, { maxLength: 3 }),
        (question, rules, last) => {
          const all = [...rules, ...last]
          expect(answer(question, ...all)).toBe(walk(question, all))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('answers as trying out everybody that the people may turn out to be does', () => {
    fc.assert(
      fc.property(aQuestion, fc.array(aRule, { maxLength: 5 }), (question, rules) => {
        expect(answer(question, ...rules)).toBe(oracle(question, rules))
      }),
      { numRuns: 2_000 },
    )
  })

  it('answers as explaining each clause of each rule does', () => {
    const resting = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(aQuestion, fc.array(aRule, { maxLength: 8 }), resting, (question, rules, enabled) => {
        const all = bindings(...rules).map((binding, at) => ({ ...binding, enabled: enabled[at] ?? true }))
        const { resolution, verdicts } = explain(all, question, { seen: seenIn(question) })
        expect(resolution).toEqual(new RuleIndex(all.filter(each => each.enabled)).resolve(question))
        expect(verdicts.map(({ binding }) => binding)).toEqual(all)
        for (const { verdict, clauses } of verdicts) {
          if (verdict === 'holds') expect(clauses.every(({ held }) => held === 'yes')).toBe(true)
          if (verdict === 'fails') expect(clauses.some(({ held }) => held === 'no')).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('never lets what is learned later change who answered', () => {
    fc.assert(
      fc.property(aQuestion, fc.array(aRule, { maxLength: 5 }), (question, rules) => {
        const before = answer(question, ...rules)
        if (before === 'identity_unknown') return
        for (const sender of guises(question.sender)) expect(answer({ ...question, sender }, ...rules)).toBe(before)
      }),
      { numRuns: 500 },
    )
  })

  it('finds a person by their phone number only once it is known', () => {
    expect(answer(asked({ sender: byPhone(ALICE) }), { from: aliceLid })).toBe('identity_unknown')
    expect(answer(asked({ sender: ALICE }), { from: aliceLid })).toBe(1)
  })
})
