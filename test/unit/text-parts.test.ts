import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { textParts } from '../../plugin/text-parts.ts'

describe('a long text', () => {
  it('is one message when it is short enough', () => {
    expect(textParts('hello')).toEqual(['hello'])
    expect(textParts('x'.repeat(4_096))).toHaveLength(1)
    expect(textParts('')).toEqual([])
  })

  it.each([
    ['paragraphs', 'a'.repeat(50), '\n\n', 'b'.repeat(60)],
    ['lines', 'a'.repeat(50), '\n', 'b'.repeat(60)],
    ['sentences', `${'a'.repeat(49)}.`, ' ', 'b'.repeat(60)],
    ['words', 'a'.repeat(60), ' ', 'b'.repeat(60)],
  ])('is broken between %s', (_name, first, ...rest) => {
    expect(textParts([first, ...rest].join(''), 100)).toEqual([first, rest[1]])
  })

  it('is broken within a word when there is no other way, and never within a character', () => {
    expect(textParts('x'.repeat(250), 108)).toEqual(['x'.repeat(100), 'x'.repeat(100), 'x'.repeat(50)])
    for (const part of textParts('👍'.repeat(100), 51)) expect(part).not.toMatch(/[\uD800-\uDBFF]$|^[\uDC00-\uDFFF]/)
  })

  it('stays code on both sides of a break', () => {
    const [first = '', second = ''] = textParts(`\`\`\`\n${'line\n'.repeat(30)}\`\`\``, 120)
    expect(first.endsWith('\n```')).toBe(true)
    expect(second.startsWith('```\n')).toBe(true)
  })

  it('is said whole and in order, each part within the limit', () => {
    const text = fc.array(fc.constantFrom('word', ' ', '\n', '\n\n', '. ', 'x'.repeat(30), '👍', '```'), {
      maxLength: 80,
    })
    fc.assert(
      fc.property(text, words => {
        const written = words.join('')
        const parts = textParts(written, 64)
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(64)
        const bare = (said: string): string => said.replace(/[\s`]/g, '')
        expect(bare(parts.join(''))).toBe(bare(written))
      }),
      { numRuns: 500 },
    )
  })
})
