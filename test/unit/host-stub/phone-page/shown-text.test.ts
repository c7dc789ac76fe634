import { describe, expect, it } from 'vitest'

import { RULES, shownLines } from '../../../../host-stub/phone-page/shown-text.ts'
import { marksOf, MARK } from '../../../../plugin/formatting/phone-marks.ts'
import { described, letters } from '../../../support/shown-letters.ts'

describe('what a phone shows of a text', () => {
  it.each([
    ['*bold* _slanted_ ~gone~ `code`', '[b:bold][i:slanted][s:gone][c:code]'],
    ['_*both*_ and *_both_*', '[bi:both]and[bi:both]'],
    ['*a _b ~c~_*', '[b:a][bi:b][bis:c]'],
    ['*`x`*', '[bc:x]'],
    ['(*x*), "_y_".', '([b:x]),"[i:y]".'],
    ['*Note:*Text', '*Note:*Text'],
    ['un*believ*able', 'un*believ*able'],
    ['2*3*4 snake_case_name', '2*3*4snake_case_name'],
    ['2 * 3 * 4', '2*3*4'],
    ['*a *b c* d', '[b:a*bc]d'],
    ['*a\nb*', '*a | b*'],
    ['`*x*` `_`', '[c:*x*_]'],
    ['`a`b', '`a`b'],
    ['字*字*字 *字*', '字*字*字[b:字]'],
    ['é*x* e\u0301*x*', 'é*x*e\u0301*x*'],
    ['❤️*x*', '❤️[b:x]'],
    ['\u200B*\u200Bx*', '*x*'],
    ['**x**', '*[b:x]*'],
    ['https://a.b/_x_/y *https://a.b/c*', 'https://a.b/_x_/y[b:https://a.b/c]'],
    ['> *q*\nno', 'quote [b:q] | no'],
    ['- a\n* b\n  - c', 'bullet a | bullet b | -c'],
    ['1. a\n12. b\n1986. c', 'number 1.a | number 12.b | 1986.c'],
    ['```\na *b*\n  c\n```', 'code [c:a*b*] | code [c:c]'],
    ['a ```x `y` z``` b', 'a[c:x`y`z]b'],
    ['``` a', '```a'],
    ['``````', '``````'],
  ])('%j is shown as %j', (text, shown) => {
    expect(described(shownLines(text))).toBe(shown)
    // What we send is made by the same rules, written a second time.
    expect(ourReading(text)).toEqual(letters(shownLines(text)))
  })

  it('is by rules that name their sources', () => {
    for (const { rule, source } of RULES) {
      expect(rule).toMatch(/\.$/)
      expect(source).not.toBe('')
    }
  })
})

function ourReading(text: string): string[] {
  const names = [
    [MARK.bold, 'b'],
    [MARK.italic, 'i'],
    [MARK.strike, 's'],
    [MARK.code | MARK.block, 'c'],
  ] as const
  return Array.from(marksOf(text), (bits, at) => ({ bits, letter: text[at] ?? '' }))
    .filter(({ bits, letter }) => (bits & (MARK.sign | MARK.lead)) === 0 && !/[\s\u200B]/.test(letter))
    .map(({ bits, letter }) => letter + names.map(([bit, name]) => ((bits & bit) === 0 ? '' : name)).join(''))
}
