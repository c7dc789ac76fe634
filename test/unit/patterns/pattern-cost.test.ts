import fc from 'fast-check'
import { RE2JS, RE2JSException } from 're2js'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { Findings, Unsearched } from '../../../plugin/patterns/findings.ts'
import {
  QuickPatterns,
  STEPS_OF_A_TEXT,
  STEPS_OF_A_TRANSACTION,
  stepsOf,
  weightOf,
} from '../../../plugin/patterns/search-cost.ts'
import { patternTool } from '../../../plugin/patterns/search-tool.ts'
import { RuleIndex } from '../../../plugin/routing/rule-index.ts'
import { ALICE, direct, ORG, US } from '../../support/store.ts'

afterEach(() => vi.restoreAllMocks())

const times = fc.constantFrom(
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '*?',
  '{3}',
  '{2,}',
  '{0,40}',
  '{7,90}',
  '{0}',
  '{1}',
  '{1000}',
)
const letters = fc.constantFrom(
  'a',
  'é',
  '😀',
  '.',
  '\\d',
  '\\w',
  '\\b',
  '^',
  '$',
  '\\.',
  '\\)',
  '\\pL',
  '\\P{Greek}',
  '\\x{1F600}',
)
const classes = fc.constantFrom(
  '[a-z]',
  '[^)]',
  '[(]',
  '[]a]',
  '[^](]',
  '[[:alpha:]{9}]',
  '[\\]}]',
  '[一丁七万丈]',
  '[a{3}]',
  '[À-ɏ]',
  '[\u00A0-\u3000]',
  '[^\\x{1}]',
  '[\\001-\\x{2000}]',
  '[[:^alpha:]\\W]',
)
const literals = fc.constantFrom('\\Qab{3}(\\E', '\\Q\\E', '\\Qx)\\E', 'a{,5}', '{', '}')

/** Patterns of all that RE2 has, some of which it cannot run. */
const aPattern = fc.letrec<{ one: string; many: string; whole: string }>(tie => ({
  one: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(letters, letters, classes, literals),
    fc.tuple(fc.constantFrom('(', '(?:', '(?P<n>', '(?i:'), tie('many')).map(([open, inside]) => `${open}${inside})`),
  ),
  many: fc
    .array(fc.tuple(tie('one'), times), { maxLength: 5 })
    .chain(parts => fc.constantFrom('', '|').map(between => parts.map(part => part.join('')).join(between))),
  whole: fc.tuple(fc.constantFrom('', '(?i)', '(?s)', '(?m)'), tie('many')).map(parts => parts.join('')),
})).whole

/** What RE2 makes of a pattern, with the ranges of its classes; null when it cannot run it. */
function madeOf(source: string): { instructions: number; ranges: number } | null {
  try {
    const { prog } = RE2JS.compile(source).re2Input as { prog: { inst: { runes?: ArrayLike<number> | null }[] } }
    const ranges = prog.inst.reduce((sum, { runes }) => sum + (runes?.length ?? 0) / 2, 0)
    return { instructions: prog.inst.length, ranges }
  } catch (error) {
    if (error instanceof RE2JSException) return null
    throw error
  }
}

const isShort = (source: string): boolean => source.length <= 200 && weightOf(source) < 20_000

describe('what a pattern weighs', () => {
  it('is no less than it has instructions, whatever it is', () => {
    let made = 0
    fc.assert(
      fc.property(aPattern.filter(isShort), source => {
        const program = madeOf(source)
        if (!program) return
        made += 1
        expect(weightOf(source), source).toBeGreaterThanOrEqual(program.instructions)
        expect(weightOf(source) * 32, source).toBeGreaterThanOrEqual(program.ranges)
      }),
      { numRuns: 2_000 },
    )
    expect(made).toBeGreaterThan(1_000)
  })

  it.each([
    ['^order [0-9]+$', 40],
    ['(?:stop|halt|unsubscribe)\\b', 60],
    ['[0-9]{3}-[0-9]{4}', 80],
    ['hello', 14],
    ['(?i)^(invoice|bill)', 50],
    ['שלום [א-ת]+', 40],
  ])('is little for what people write: %s', (source, most) => {
    expect(weightOf(source)).toBeLessThanOrEqual(most)
    expect(stepsOf(weightOf(source), 'x'.repeat(400))).toBeLessThan(STEPS_OF_A_TEXT)
  })
})

const indexOf = (patterns: readonly string[]): RuleIndex =>
  new RuleIndex(
    patterns.map((text_regex, at) => ({
      id: `bnd_${at}`,
      org: ORG,
      agent: 'echo',
      rule: { text_regex },
      position: at + 1,
      enabled: true,
      version: 1,
      suspendedAt: null,
      createdAt: 0,
      conversation: 'chat',
    })),
  )

const asked = (text: string) => ({ chat: direct(ALICE), sender: ALICE, receiver: US, text, mentioned: false })

/** Counts the steps that are searched here, at least: each instruction may look at each letter. */
function searchedHere(): () => number {
  let steps = 0
  // oxlint-disable-next-line unbound-method -- it is called with the pattern that it is of
  const test = RE2JS.prototype.test as (this: RE2JS, text: string) => boolean
  vi.spyOn(RE2JS.prototype, 'test').mockImplementation(function (this: RE2JS, text) {
    steps += this.programSize() * (String(text).length + 1)
    return test.call(this, String(text))
  })
  return () => steps
}

const somePatterns = fc.array(
  fc.constantFrom(
    'a',
    '^a.*b$',
    'a.{5,9}c',
    '[ab]{1,40}d',
    '(?i)stop|halt',
    'x{200}',
    '\\pL+\\d',
    '(a?b?){20}$',
    'a.{400,900}z',
  ),
  { minLength: 1, maxLength: 30 },
)
const someTexts = fc.array(
  fc
    .tuple(fc.constantFrom('a', 'ab', 'hello you ', 'x'), fc.integer({ min: 0, max: 20_000 }))
    .map(([of, length]) => of.repeat(length)),
  { minLength: 1, maxLength: 20 },
)

describe('rules', () => {
  it('search no more at once than may be for a text, and for all texts of a transaction', () => {
    const here = searchedHere()
    let unsearched = 0
    fc.assert(
      fc.property(somePatterns, someTexts, (patterns, texts) => {
        const index = indexOf(patterns)
        const findings = new Findings()
        const begunAt = here()
        for (const text of texts) {
          const before = here()
          try {
            index.resolve(asked(text), findings)
          } catch (error) {
            expect(error).toBeInstanceOf(Unsearched)
            unsearched += 1
          }
          expect(here() - before).toBeLessThanOrEqual(STEPS_OF_A_TEXT)
        }
        expect(here() - begunAt).toBeLessThanOrEqual(STEPS_OF_A_TRANSACTION)
      }),
      { numRuns: 100 },
    )
    expect(unsearched).toBeGreaterThan(50)
  })

  it('search no more at once for all texts of a transaction, and begin again with the next', () => {
    const here = searchedHere()
    const index = indexOf(['a.{5,9}c'])
    const findings = new Findings()
    const resolve = (length: number) => index.resolve(asked('a'.repeat(length)), findings)
    const length = Math.floor(STEPS_OF_A_TEXT / weightOf('a.{5,9}c')) - 1
    for (let texts = 0; texts < STEPS_OF_A_TRANSACTION / STEPS_OF_A_TEXT; texts += 1) resolve(length)
    expect(() => resolve(length)).toThrow(Unsearched)
    expect(here()).toBeGreaterThan(0)
    findings.begin(false)
    expect(resolve(length)).toMatchObject({ reason: 'no_binding' })
  })

  it('want what they do not search: the patterns that are asked next, in their order', () => {
    const index = indexOf(['a', 'b{900}', 'c', 'd'])
    const text = 'x'.repeat(1_000)
    let wanted: unknown = null
    try {
      index.resolve(asked(text))
    } catch (error) {
      wanted = (error as Unsearched).wanted
    }
    const bindings = ['b{900}', 'c', 'd'].map(text_regex => ({ rule: { text_regex } }))
    expect(wanted).toMatchObject([{ text, sender: ALICE, bindings }])
  })

  it('take nothing for absent of which nothing is known, and ask nothing behind it', () => {
    const index = indexOf(['b{900}', 'x'])
    const findings = new Findings()
    const text = 'x'.repeat(1_000)
    findings.begin(true)
    expect(index.resolve(asked(text), findings)).toEqual({ outcome: 'unmatched', reason: 'rule_too_slow' })
    findings.note({ text, sender: ALICE }, 'b{900}', 'absent')
    expect(index.resolve(asked(text), findings)).toMatchObject({ outcome: 'matched', binding: { position: 2 } })
  })

  it('are searched elsewhere when a pattern cannot be made here', () => {
    expect(new QuickPatterns().isIn('(', 'x', 1)).toBeNull()
    expect(() => indexOf(['(']).resolve(asked('x'))).toThrow(Unsearched)
    expect(() => patternTool({ ask: 'search', text: 'x', patterns: ['('], all: false })).toThrow(
      'match_rule.text_regex',
    )
  })
})

it('what a search has learned of texts is forgotten after a while', () => {
  const made = vi.spyOn(RE2JS, 'compile')
  const patterns = new QuickPatterns()
  for (let times_ = 0; times_ < 100; times_ += 1) patterns.isIn('a.{5,9}c', 'x'.repeat(500), 100_000)
  expect(made.mock.calls.length).toBe(3)
})
