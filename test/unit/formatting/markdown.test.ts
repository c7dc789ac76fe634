import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { whatsAppMarks } from '../../../plugin/formatting/markdown.ts'

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
    [String.raw`\*not bold\*`, '\u200B*\u200Bnot bold*'],
    [String.raw`\- no point`, '\u200B- no point'],
    [String.raw`\> no quotation`, '\u200B> no quotation'],
    ['2*3*4', '2*3*4'],
    ['2**3**4 and f(x)*y*2', '2*\u200B*\u200B3**4 and f(x)*y*2'],
    ['## \\> 2**3**4', '*> 2\u200B*\u200B\u200B*\u200B3\u200B*\u200B\u200B*\u200B4*'],
    ['\\> 2**3**4', '\u200B> 2*\u200B*\u200B3**4'],
    ['f(x)*y*2', 'f(x)*y*2'],
    ['**Note:**Text', 'Note:Text'],
    ['un**believ**able, *it*alic', 'unbelievable, italic'],
    ['**粗体**字 **粗体** 字', '粗体字 *粗体* 字'],
    ['**two\nlines**', '*two*\n*lines*'],
    ['** not bold **', '** not bold **'],
    ['**5\\***', '5*'],
    ['(**bold**), "_it_"', '(*bold*), "_it_"'],
    ['see **[docs](https://example.org/_a_) now**', 'see *docs* (https://example.org/_a_) *now*'],
    ['0. none\n1. one', '0. none\n1. one'],
    ['7) seven\n8) eight', '7. seven\n8. eight'],
    ['&lt;b&gt; &amp;copy; &eacute; &#x1F44D; &nosuch;', '<b> &copy; é 👍 &nosuch;'],
    ['one<br>two<br/>three', 'one\ntwo\nthree'],
    ['<b>bold</b> <em>it</em> <s>gone</s> <kbd>key</kbd> <u>plain</u>', '*bold* _it_ ~gone~ `key` plain'],
    ['<a href="https://example.org/">docs</a> <!-- no -->here', 'docs (https://example.org/) here'],
    ['<div>\n<h2>Title</h2>\n<ul><li>one</li><li>two</li></ul>\n<script>no</script></div>', '*Title*\n- one\n- two'],
    ['Array<string> and <your name>', 'Array<string> and <your name>'],
    ['<your-name>\n**bold**', '<your-name>\n*bold*'],
    ['`` a`b ``', '```a`b```'],
    ['~~~\na ``` b\n~~~', '```\na `\u200B`\u200B` b\n```'],
    ['- one\n\n  ```\n    code\n  ```\n- two', '- one\n```\n  code\n```\n- two'],
    ['> ```\n> code\n> ```', '> `code`'],
    ['> a\n> > b', '> a\n> b'],
    ['> - a', '> - a'],
    ['| a | b |\n|---|---|\n| **1** | x\\|y |', '*a | b*\n*1* | x|y'],
    ['www.example.org', 'www.example.org'],
    ['![a *b*](https://example.org/c.png)', 'a _b_ (https://example.org/c.png)'],
    ['snake_case_name', 'snake_case_name'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['a < b && c > d', 'a < b && c > d'],
    ['<b>html</b>', '*html*'],
    ['one\ntwo', 'one\ntwo'],
    ['שלום **עולם**', 'שלום *עולם*'],
    ['~~~~ a', '~~~~ a'],
    ['```', '```'],
    ['[a]: b', '[a]: b'],
    ['', ''],
  ])('%j is said as %j', (markdown, said) => {
    expect(whatsAppMarks(markdown)).toBe(said)
  })

  it.each([
    ['stars', '*a ', 333_000],
    ['words between strokes', '_a', 500_000],
    ['quotations in each other', '> ', 500_000],
    ['brackets', '[', 1_000_000],
    ['ticks', '`', 1_000_000],
    ['open fences', '```a', 250_000],
    ['rows', '|1|2|\n', 160_000],
    ['escapes', '\\*', 500_000],
    ['labels', '**a:**b', 140_000],
  ])(
    'takes as long as it is long: %s',
    (_name, unit, times) => {
      const said = whatsAppMarks(unit.repeat(times))
      expect(said.replace(/[\s\u200B]/g, '').length).toBeGreaterThan(100_000)
    },
    60_000,
  )

  it('is said as it is when it is nested deeper than anybody reads', () => {
    const nested = `${'- '.repeat(5_000)}a`
    expect(whatsAppMarks(nested)).toContain('a')
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
          (withoutTags(markdown).match(/[ab]/g)?.length ?? 0) - links(markdown),
        )
      }),
      { numRuns: 2000 },
    )
  })
})

/** Tags of HTML are dropped, with what stands in them. */
const withoutTags = (markdown: string): string => markdown.replaceAll(/<a[^>]*>/g, '')

/** An address that is also its text is said once; what names a definition, and the language of code, is none of the text. */
const links = (markdown: string): number => (/\]\(|\[|```|~~~/.test(markdown) ? 60 : 0)
