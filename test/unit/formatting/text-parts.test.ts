import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { textParts } from '../../../plugin/formatting/split-text.ts'

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

  it.each([
    ['an emoji of several', '👩‍👩‍👧'],
    ['a flag', '🇩🇪'],
    ['a letter with its marks', 'e\u0301\u0323'],
    ['a keycap', '1️⃣'],
    ['a coloured hand', '👍🏽'],
    ['a syllable', 'क्षि'],
    ['the end of a line', '\r\n'],
  ])('is never broken within %s', (_name, character) => {
    for (const most of [40, 41, 42, 43, 44, 45, 46, 47]) {
      const parts = textParts(`x${character.repeat(60)}`, most)
      for (const part of parts) {
        expect(part.length).toBeLessThanOrEqual(most)
        expect(part.replace(/^x/, '').replaceAll(character, '').trim()).toBe('')
      }
    }
  })

  it.each([
    ['bold', '*', '*'],
    ['slanted', '_', '_'],
    ['struck out', '~', '~'],
    ['code', '`', '`'],
    ['bold and slanted', '_*', '*_'],
    ['quoted', '> ', ''],
  ])('stays %s on both sides of a break', (_name, open, close) => {
    const words = Array.from({ length: 20 }, (_, index) => `word${index}`).join(' ')
    const parts = textParts(`${open}${words}${close}`, 60)
    expect(parts.length).toBeGreaterThan(2)
    expect(parts.map(part => part.slice(open.length, part.length - close.length)).join(' ')).toBe(words)
    for (const part of parts) expect(part.startsWith(open) && part.endsWith(close)).toBe(true)
  })

  it('keeps its indents', () => {
    const points = Array.from({ length: 12 }, (_, index) => `- point ${index}\n  - inner\n    - innermost`)
    expect(textParts(points.join('\n'), 60).join('\n')).toBe(points.join('\n'))
    const code = `\`\`\`\n${'if x:\n    y()\n'.repeat(12)}\`\`\``
    const lines = textParts(code, 60).flatMap(part => part.split('\n'))
    expect(lines.filter(line => line !== '```').join('\n')).toBe('if x:\n    y()\n'.repeat(12).trimEnd())
  })

  it('makes no mark of what was none', () => {
    const text = `${'a'.repeat(51)}*b c* ${'d'.repeat(40)}`
    for (const part of textParts(text, 60)) expect(part).not.toMatch(/^\*b c\*/)
  })

  it('is broken between code points where a single character is longer than a part', () => {
    const mark = '\u0301'
    const parts = textParts(`a${mark.repeat(1_000_000)}`)
    expect(parts.every(part => part.length <= 4_096)).toBe(true)
    expect(parts.join('')).toBe(`a${mark.repeat(1_000_000)}`)
    const family = '👩\u200D'.repeat(3_000)
    for (const part of textParts(family, 100)) expect(part).not.toMatch(/[\uD800-\uDBFF]$|^[\uDC00-\uDFFF]/)
  }, 20_000)

  it.each([['*a '], ['`a '], ['```a'], ['> '], ['🇩🇪'], ['\n'], ['https://a']])(
    'takes as long as it is long: %j',
    unit => {
      const parts = textParts(unit.repeat(1_000_000 / unit.length))
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(4_096)
    },
    60_000,
  )

  it('is said whole and in order, each part within the limit', () => {
    const text = fc.array(fc.constantFrom('word', ' ', '\n', '\n\n', '. ', 'x'.repeat(30), '👍', '```'), {
      maxLength: 80,
    })
    fc.assert(
      fc.property(text, words => {
        const written = words.join('')
        const parts = textParts(written, 64)
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(64)
        const bare = (said: string): string => said.replace(/[\s`\u200B]/g, '')
        expect(bare(parts.join(''))).toBe(bare(written))
      }),
      { numRuns: 500 },
    )
  })
})
