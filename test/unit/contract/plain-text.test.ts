import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { csvCell, plainLine, plainText } from '../../../plugin/contract/plain-text.ts'
import { HOSTILE, hiddenIn, READABLE } from '../../support/plain-texts.ts'

const pieces = [...HOSTILE, ...READABLE].flatMap(([, text]) => [text, ...Array.from(text)])
/** Texts in which everything that matters here is frequent. */
const strange = fc
  .array(fc.constantFrom(...pieces, ...Array.from('ab1" \n')), { maxLength: 12 })
  .map(parts => parts.join(''))
/** What is never seen, wherever it stands. */
const UNSEEN = [
  ...Array.from(
    '\u202E\u2066\u200E\u061C\u{E0041}\u3164\u115F\u2800\u2060\uFEFF\u00AD\u034F\uFFF9\u2028\u0085\u001B\uE000\uFFFE',
  ),
  '\uD83D',
]
const written = fc.array(fc.constantFrom(...Array.from('aZ9 .שג한日👍')), { minLength: 1, maxLength: 12 })

describe('what a stranger wrote', () => {
  it.each(HOSTILE)('is shown with %s written out', (_, text, shown) => {
    expect(plainText(text)).toBe(shown)
    expect(hiddenIn(shown)).toBeNull()
  })

  it.each(READABLE)('stays as it is in %s', (_, text) => {
    expect(plainText(text)).toBe(text)
    expect(plainLine(text)).toBe(text)
  })

  it('hides nothing, however it is put together, and is what it is when it is shown twice', () => {
    fc.assert(
      fc.property(strange, text => {
        for (const shown of [plainText(text), plainLine(text), plainLine(text, 20)]) {
          expect(hiddenIn(shown)).toBeNull()
          expect(plainText(shown)).toBe(shown)
          expect(plainLine(shown)).toBe(shown.replaceAll('\n', ' ⏎ ').replaceAll('\t', '\\u{9}'))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('looks like no other text: what is put into it is seen', () => {
    fc.assert(
      fc.property(written, fc.nat(), fc.constantFrom(...UNSEEN), (letters, place, unseen) => {
        const at = place % (letters.length + 1)
        const text = letters.join('')
        const other = letters.toSpliced(at, 0, unseen).join('')
        expect(plainText(other)).not.toBe(plainText(text))
        expect(plainText(other)).toContain(`\\u{${unseen.codePointAt(0)?.toString(16)}}`)
      }),
    )
  })

  it('looks like no other text: where two are shown alike, what they hide is written out', () => {
    const known = new Map<string, string>()
    fc.assert(
      fc.property(strange, text => {
        const lines = text.replaceAll('\r\n', '\n')
        const shown = plainText(text)
        const before = known.get(shown) ?? lines
        expect(before === lines || shown.includes('\\u{')).toBe(true)
        known.set(shown, lines)
      }),
      { numRuns: 2_000 },
    )
  })

  it('has line breaks as lines, or as signs on one', () => {
    expect(plainText('a\nb\r\nc\td')).toBe('a\nb\nc\td')
    expect(plainLine('a\nb\r\nc\td')).toBe('a ⏎ b ⏎ c\\u{9}d')
  })

  it('is cut at a whole sequence, and says that it is cut', () => {
    expect(plainLine('abcdef', 6)).toBe('abcdef')
    expect(plainLine('abcdefg', 6)).toBe('abcde…')
    expect(plainLine('abcd\u202E', 6)).toBe('abcd…')
    expect(plainLine('👨\u200D👩\u200D👧👨\u200D👩\u200D👧', 12)).toBe('👨\u200D👩\u200D👧…')
    expect(plainLine('a\n', 3)).toBe('a …')
  })

  it('takes a time that grows with it, and no faster', () => {
    const worst = [`a${'\u0301'.repeat(60_000)}`, `a${'\u0E47\u0301'.repeat(30_000)}`, '👩\u200D'.repeat(20_000)]
    for (const text of worst) expect(plainText(text).length).toBeGreaterThan(text.length)
  })
})

describe('a cell of CSV', () => {
  it.each(HOSTILE)('hides nothing by %s', (_, text, shown) => {
    expect(csvCell(text).replaceAll('""', '"')).toContain(shown.slice(1, -1))
  })

  it('is no formula, whatever is hidden before it', () => {
    for (const mark of '=+-@') {
      expect(csvCell(`${mark}1+1`)).toBe(`'${mark}1+1`)
      expect(csvCell(`\u200B${mark}1+1`)).toBe(`\\u{200b}${mark}1+1`)
    }
  })
})
