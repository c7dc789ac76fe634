import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readDenials } from '../../../plugin/policy/denials.ts'
import { regoVersionOf } from '../../../plugin/policy/compiler/rego-version.ts'

const allows = (document: unknown, path = 'agentcy'): boolean => {
  const { isLoaded, denials } = readDenials(path, document)
  return isLoaded && denials.length === 0
}

it('a rule is named by where it is, however deep that is, and no more than twenty denials are read', () => {
  const depth = 2_000
  const document = Array.from({ length: depth }).reduce<object>(inner => ({ a: inner }), { deny: ['deep'] })
  expect(readDenials('agentcy', document).denials).toEqual([
    { rule: `agentcy${'.a'.repeat(depth)}.deny`, message: 'deep' },
  ])
  const many = { a: { deny: Array.from({ length: 30 }, (_, n) => `no ${n}`) }, b: { deny: ['no'] } }
  const { denials } = readDenials('agentcy', many)
  expect(denials.map(({ message }) => message)).toEqual(Array.from({ length: 20 }, (_, n) => `no ${n}`))
})

describe('what a document of policies says', () => {
  it('names every rule that denies, in the order of their names, with what it says', () => {
    const document = { b: { deny: ['two', { why: 1 }] }, a: { deny: ['one'], allow: true, c: { deny: true } } }
    expect(readDenials('agentcy', document).denials).toEqual([
      { rule: 'agentcy.a.c.deny', message: 'denied' },
      { rule: 'agentcy.a.deny', message: 'one' },
      { rule: 'agentcy.b.deny', message: 'two' },
      { rule: 'agentcy.b.deny', message: '{"why":1}' },
    ])
  })

  it('denies by a deny that is an object, and by what its keys or values say', () => {
    const { denials } = readDenials('agentcy', { x: { deny: { no: true, why: 'so' } } })
    expect(denials.map(({ message }) => message)).toEqual(['no', 'so'])
  })

  it('allows only a document that holds something, in which every deny is empty or false', () => {
    const empty = fc.constantFrom([], {}, false)
    const other = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.integer(),
      fc.constantFrom(null, true),
      fc.array(fc.jsonValue(), { minLength: 1 }),
    )
    const tree = (deny: fc.Arbitrary<unknown>) =>
      fc.record({ a: fc.record({ b: fc.record({ deny }) }), helper: fc.jsonValue() })
    const withoutDeny = (value: unknown) => !JSON.stringify(value ?? null).includes('deny')
    fc.assert(
      fc.property(tree(empty), document => {
        fc.pre(withoutDeny(document.helper))
        expect(allows(document)).toBe(true)
      }),
    )
    fc.assert(
      fc.property(tree(other), document => {
        expect(allows(document)).toBe(false)
      }),
    )
    for (const nothing of [{}, [], null, undefined, 'true', 1, true]) expect(allows(nothing)).toBe(false)
  })

  it('reads the set of an entrypoint that is one', () => {
    expect(allows([], 'agentcy/shop/deny')).toBe(true)
    expect(readDenials('agentcy/shop/deny', ['no']).denials).toEqual([{ rule: 'agentcy.shop.deny', message: 'no' }])
  })
})

describe('the version of Rego that a source looks like', () => {
  it.each([
    [1, 'package a\n\ndeny contains msg if {\n  msg := "x"\n}'],
    [1, 'package a\n\nallow if input.x'],
    [1, 'package a\n\nx := 1 if { true }'],
    [0, 'package a\n\ndeny[msg] {\n  msg := "only if it contains x"\n}'],
    [0, 'package a\n\n# deny contains msg if {\ndeny[msg] { msg := `x if {` }'],
    [0, 'package a\n\nimport rego.v1\n\ndeny contains msg if { msg := "x" }'],
    [0, 'package a\n\nimport future.keywords\n\ndeny contains msg if { msg := "x" }'],
    [0, 'package a\n\nx := contains("abc", "b")'],
    [0, 'package a'],
  ])('is %i for %j', (version, source) => {
    expect(regoVersionOf(source)).toBe(version)
  })
})

describe('a source that is made to be looked at for long', () => {
  const MOST = 900_000
  it.each([
    '\n',
    ' ',
    '\t\n',
    'a',
    'if ',
    'contains ',
    'contains\t',
    'x contains ',
    '"',
    '\\"',
    '`',
    '# ',
    'import ',
    'a.',
  ])('of nothing but %j is looked at as fast as any other', piece => {
    for (const beginning of ['', '"', '`', 'x ', 'if']) {
      const begun = performance.now()
      regoVersionOf(beginning + piece.repeat(MOST / piece.length))
      expect(performance.now() - begun).toBeLessThan(2_000)
    }
  })
})
