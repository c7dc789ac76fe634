import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { whatsAppMarks } from '../../plugin/markdown.ts'

describe('what an agent writes in Markdown', () => {
  it.each([
    ['plain words', 'plain words'],
    ['**bold** and __bold__', '*bold* and *bold*'],
    ['*slanted* and _slanted_', '_slanted_ and _slanted_'],
    ['***both***', '_*both*_'],
    ['~~gone~~', '~gone~'],
    ['`code`', '`code`'],
    ['```js\nconst a = 1\n```', '```\nconst a = 1\n```'],
    ['# Title\n\ntext', '*Title*\n\ntext'],
    ['## **Bold** title', '*Bold title*'],
    ['- one\n- two', '- one\n- two'],
    ['* one\n* two', '- one\n- two'],
    ['3. three\n4. four', '3. three\n4. four'],
    ['- one\n  - inner\n- two', '- one\n  - inner\n- two'],
    ['- [x] done\n- [ ] open', '- ☑ done\n- ☐ open'],
    ['> said\n> so', '> said\n> so'],
    ['[docs](https://example.org/a)', 'docs (https://example.org/a)'],
    ['<https://example.org>', 'https://example.org'],
    ['https://example.org/x_y_z', 'https://example.org/x_y_z'],
    ['![chart](https://example.org/c.png)', 'chart (https://example.org/c.png)'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', '*a | b*\n1 | 2'],
    ['one\n\n---\n\ntwo', 'one\n\n———\n\ntwo'],
    [String.raw`\*not bold\*`, '*not bold*'],
    ['snake_case_name', 'snake_case_name'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['a < b && c > d', 'a < b && c > d'],
    ['<b>html</b>', '<b>html</b>'],
    ['one\ntwo', 'one\ntwo'],
    ['שלום **עולם**', 'שלום *עולם*'],
    ['~~~~ a', '~~~~ a'],
    ['```', '```'],
    ['[a]: b', '[a]: b'],
    ['', ''],
  ])('%j is said as %j', (markdown, said) => {
    expect(whatsAppMarks(markdown)).toBe(said)
  })

  it('is said whatever it is', () => {
    const word = fc.constantFrom(
      '*',
      '**',
      '_',
      '~~',
      '`',
      '```\n',
      '#',
      '> ',
      '- ',
      '1. ',
      '[',
      '](',
      ')',
      '|',
      '\n',
      '\n\n',
      'a',
      ' b ',
      '<',
      '&',
      '\\',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), words => {
        const markdown = words.join('')
        const said = whatsAppMarks(markdown)
        expect(typeof said).toBe('string')
        if (markdown.trim() !== '') expect(said).not.toBe('')
        // Nothing but marks and blanks is lost.
        expect(said.match(/[ab]/g)?.length ?? 0).toBeGreaterThanOrEqual(
          (markdown.match(/[ab]/g)?.length ?? 0) - links(markdown),
        )
      }),
      { numRuns: 2000 },
    )
  })
})

/** An address that is also its text is said once; what names a definition, and the language of code, is none of the text. */
const links = (markdown: string): number => (/\]\(|\[|```|~~~/.test(markdown) ? 60 : 0)
