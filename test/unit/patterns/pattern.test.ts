import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import { patternOf } from '../../../plugin/patterns/pattern.ts'
import { ruleOf, takesAll } from '../../../plugin/routing/match-rule.ts'

describe('a pattern that RE2 cannot run', () => {
  it.each([
    ['(', 2],
    ['(a)(b', 6],
    ['a(?=x)', 2],
    ['(a)\\1', 4],
    ['ab{1001}', 3],
    ['x[z-a]', 3],
    ['a**b', 2],
    ['abc)', 4],
    ['(a))(b)', 4],
    ['[)]a)b', 5],
    ['a\\', 2],
    ['*', 1],
  ])('is refused with the column of its fault: %s', (pattern, column) => {
    expect(() => patternOf(pattern)).toThrow(`match_rule.text_regex has a fault at column ${column}: `)
  })

  it('is refused as the fault of whoever wrote it, whatever it is', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '\\',
      '*',
      '{',
      '2}',
      '|',
      'a',
      '?',
      '(?P<n>',
      '\\p{',
      ':alpha:',
      '-',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
        const written = pieces.join('')
        try {
          patternOf(written)
        } catch (error) {
          expect(error).toBeInstanceOf(ChannelError)
          const [, column] = /column (\d+)/.exec(String(error)) ?? []
          expect(Number(column)).toBeGreaterThanOrEqual(1)
          expect(Number(column)).toBeLessThanOrEqual(written.length + 1)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a rule', () => {
  it('names its sender in one way, whatever that is called', () => {
    expect(ruleOf({ phone: '+1' })).toEqual({ from: '+1' })
    expect(ruleOf({ user: 'lid:1', chat_type: 'group' })).toEqual({ from: 'lid:1', chat_type: 'group' })
    expect(ruleOf({ from: '+1', mentioned: true })).toEqual({ from: '+1', mentioned: true })
  })

  it('takes everything when it leaves everything open', () => {
    expect([{}, { channel: 'whatsapp' as const }, { from: undefined }].map(takesAll)).toEqual([true, true, true])
    expect(takesAll({ mentioned: false })).toBe(false)
  })
})
