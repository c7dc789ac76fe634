import { describe, expect, it } from 'vitest'

import { draftIn, writtenDraft } from '../../../plugin/web/bindings/draft.ts'
import { agentHint, agentsIn, groupsIn, peopleIn } from '../../../plugin/web/bindings/offered.ts'
import { placeAt, placed } from '../../../plugin/web/bindings/order.ts'
import { questionAbout } from '../../../plugin/web/explain/question.ts'
import { formOf, ruleInWords, ruleOf } from '../../../plugin/web/bindings/rule-form.ts'

const everything = {
  from: '+972500000001',
  group: '120363000000000001@g.us',
  to: '+447400100000',
  text_regex: ' ^status ',
  mentioned: false,
  chat_type: 'group',
} as const

const madeUp = { account: 'default', from: '+972500000001', to: '', group: '', text: 'hello', mentioned: false }

describe('the form of a binding', () => {
  it('gives the rule that it was filled in with, whatever it names', () => {
    expect(ruleOf(formOf(everything))).toEqual(everything)
    expect(ruleOf(formOf({}))).toEqual({})
    expect(ruleOf(formOf({ mentioned: true, chat_type: 'direct' }))).toEqual({ mentioned: true, chat_type: 'direct' })
  })

  it('leaves out what is empty, and the blanks around an address', () => {
    expect(ruleOf({ ...formOf({}), from: '  +972500000001 ', group: '   ' })).toEqual({ from: '+972500000001' })
  })

  it('says what a rule takes', () => {
    expect(ruleInWords({})).toBe('every message')
    expect(ruleInWords({ from: '+972500000001', mentioned: true })).toBe(
      'messages from +972500000001, that mention the number',
    )
  })

  it('is filled in from an address, and takes nothing from it that is none of its keys', () => {
    const draft = draftIn(writtenDraft(everything, 'echo'))
    expect(draft.agent).toBe('echo')
    expect(ruleOf(draft.rule)).toEqual(everything)
    const odd = draftIn('{"agent":7,"match_rule":{"from":["+1"],"mentioned":"yes","chat_type":"all","else":"x"}}')
    expect(odd).toEqual({ agent: '', rule: formOf({}) })
    for (const text of ['', '{', 'null', '[]', '{"match_rule":null}']) expect(ruleOf(draftIn(text).rule)).toEqual({})
  })
})

describe('the order of bindings', () => {
  it('has one of them elsewhere, and the others as they were', () => {
    expect(placed(['a', 'b', 'c'], 'a', 2)).toEqual(['b', 'c', 'a'])
    expect(placed(['a', 'b', 'c'], 'c', 0)).toEqual(['c', 'a', 'b'])
    expect(placed(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c'])
    expect(placed(['a', 'b', 'c'], 'b', 9)).toEqual(['a', 'c', 'b'])
  })

  it('takes what is dropped below those whose middle is above it', () => {
    expect(placeAt([10, 30, 50], 5)).toBe(0)
    expect(placeAt([10, 30, 50], 31)).toBe(2)
    expect(placeAt([10, 30, 50], 90)).toBe(3)
  })
})

describe('the message to explain', () => {
  it('is asked about when its addresses are whole, and not while they are typed', () => {
    expect(questionAbout(madeUp).ask).toEqual({
      message: { account: 'default', from: '+972500000001', text: 'hello', mentioned: false },
    })
    expect(questionAbout({ ...madeUp, from: '' }).ask).toBeNull()
    expect(questionAbout({ ...madeUp, from: '+97' }).missing).toContain('From')
    expect(questionAbout({ ...madeUp, to: 'lid' }).missing).toContain('To')
    expect(questionAbout({ ...madeUp, group: '12036300000' }).missing).toContain('Group')
    expect(questionAbout({ ...madeUp, group: everything.group }).ask?.message?.group).toBe(everything.group)
  })
})

describe('the form of a binding offers', () => {
  const inbound = (from: string) => ({ direction: 'inbound' as const, from })
  const values = (offers: readonly { value: string }[]) => offers.map(({ value }) => value)
  const known = { known: true, agents: [{ name: 'sales' }, { name: 'echo' }], more: false }

  it('the agents of the host, and those that are bound, each once', () => {
    expect(values(agentsIn(known, ['echo', 'gone']))).toEqual(['sales', 'echo', 'gone'])
    expect(values(agentsIn(null, ['echo']))).toEqual(['echo'])
  })

  it.each([
    [null, 'refuses a name that it does not have'],
    [{ known: false, agents: [], more: false }, 'does not list its agents'],
    [known, 'one of the host’s agents'],
    [{ ...known, more: true }, 'has more agents than are listed'],
    [{ ...known, agents: [] }, 'has no agents'],
  ])('with %j, and says what that is: %s', (list, says) => expect(agentHint(list)).toContain(says))

  it('the fifty people who wrote last, and nobody whom we wrote to', () => {
    const wrote = Array.from({ length: 60 }, (_, n) => `lid:${n}`)
    const ours = { direction: 'outbound' as const, from: '+447400100000' }
    const messages = [ours, ...wrote.flatMap(from => [inbound(from), ours, inbound(from)])]
    expect(values(peopleIn(messages))).toEqual(wrote.slice(0, 50))
  })

  it('the groups of all numbers, each once, by a subject in which nothing is hidden', () => {
    const group = { id: '120363000000000001@g.us', subject: 'Ops\u202E', size: 2 }
    const other = { ...group, id: '120363000000000002@g.us', subject: 'x'.repeat(100) }
    expect(groupsIn([group, other, group])).toEqual([
      { value: group.id, label: 'Ops\\u{202e}' },
      { value: other.id, label: `${'x'.repeat(63)}…` },
    ])
    const many = Array.from({ length: 600 }, (_, n) => ({ ...group, id: `${n}@g.us` }))
    expect(groupsIn(many)).toHaveLength(500)
  })
})
