import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { shownLines } from '../../../host-stub/phone-page/shown-text.ts'
import { whatsAppMarks } from '../../../plugin/formatting/markdown.ts'
import { textParts } from '../../../plugin/formatting/split-text.ts'
import { BLOCKS, documents } from '../../support/markdown-documents.ts'
import { described, letters } from '../../support/shown-letters.ts'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const runs = { numRuns: 300 }

describe('what an agent writes in Markdown, on a phone', () => {
  it.each(Object.entries(BLOCKS))('%s', (_name, blocks) => {
    fc.assert(
      fc.property(blocks, ({ markdown, shown }) => {
        expect(described(shownLines(whatsAppMarks(markdown)))).toBe(described(shown))
      }),
      runs,
    )
  })

  it('is a document of all of these', () => {
    fc.assert(
      fc.property(documents, ({ markdown, shown }) => {
        expect(described(shownLines(whatsAppMarks(markdown)))).toBe(described(shown))
      }),
      runs,
    )
  })

  it('is in parts what it is as a whole, letter by letter and mark by mark, each short enough and of whole characters', () => {
    fc.assert(
      fc.property(documents, fc.integer({ min: 60, max: 200 }), ({ markdown }, most) => {
        const whole = whatsAppMarks(markdown)
        const parts = textParts(whole, most)
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(most)
        expect(parts.flatMap(part => letters(shownLines(part))).join(' ')).toBe(letters(shownLines(whole)).join(' '))
        expect(parts.flatMap(charactersOf).join(' ')).toBe(charactersOf(whole).join(' '))
        expect(parts.flatMap(quotedIn).join('')).toBe(quotedIn(whole).join(''))
      }),
      runs,
    )
  })
})

const wordsOf = (text: string): string =>
  shownLines(text)
    .map(({ stretches }) => stretches.map(stretch => stretch.text).join(''))
    .join('\n')
const charactersOf = (text: string): string[] =>
  Array.from(graphemes.segment(wordsOf(text)), ({ segment }) => segment).filter(
    segment => !/^[\s\u200B]+$/.test(segment),
  )
const quotedIn = (text: string): string[] =>
  shownLines(text)
    .filter(({ kind }) => kind === 'quote')
    .map(({ stretches }) => stretches.map(stretch => stretch.text.replace(/[\s\u200B]/g, '')).join(''))
