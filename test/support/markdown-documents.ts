import fc from 'fast-check'

import type { ShownLine, Stretch, Style } from '../../host-stub/phone-page/shown-text.ts'

/** Something in a line: how it is written in Markdown, and what a phone is to show of it. */
type Words = { readonly markdown: string; readonly shown: readonly Stretch[] }
/** A document or a part of it. */
export type Written = { readonly markdown: string; readonly shown: readonly ShownLine[] }

const LETTERS = ['a', 'Z', '7', 'é', 'e\u0301', 'ש', '字', 'का', '👍', '👩‍👩‍👧', '🇩🇪', '1️⃣', '❤️', "'"]
const SIGNS = ['*', '_', '~', '`', '**', '```', '>', '-', '#', '<b>', '&lt;', '\\', '[', '|']

const escaped = (text: string): string => text.replace(/[!-/:-@[-`{-~]/g, '\\$&')
const joinedBy = (separator: string, words: readonly Words[]): Words => ({
  markdown: words.map(({ markdown }) => markdown).join(separator),
  shown: words.flatMap(({ shown }, index) => (index > 0 ? [plain(separator), ...shown] : shown)),
})
const plain = (text: string): Stretch => ({ text, styles: [] })
const also = (style: Style, { shown }: Words): Stretch[] =>
  shown.map(stretch =>
    stretch.styles.includes(style) || isAddress(stretch.text)
      ? stretch
      : { ...stretch, styles: [...stretch.styles, style] },
  )
const isAddress = (text: string): boolean => /^ ?\(?https:/.test(text)
const wordOf = (units: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...units), { minLength: 1, maxLength: 6 }).map(letters => letters.join(''))

const word = wordOf(LETTERS)
const literal = (units: readonly string[]): fc.Arbitrary<Words> =>
  wordOf(units).map(text => ({ markdown: escaped(text), shown: [plain(text)] }))
const address = word.map(name => `https://example.org/${encodeURIComponent(name)}/_x_`)
const marked =
  (sign: string, style: Style) =>
  (words: Words): Words => ({
    markdown: `${sign}${words.markdown}${sign}`,
    shown: also(style, words),
  })

/** What stands in a line, and what a phone shows of it. */
export const IN_A_LINE = {
  word: literal(LETTERS),
  'what is escaped': literal([...LETTERS, ...SIGNS]),
  'code: as it is': fc
    .tuple(word, fc.constantFrom('', '*x*', '_', '&lt;', '`', '\\*'), word)
    .map(([one, sign, other]) => one + sign + other)
    .map(text => ({
      markdown: text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``,
      shown: [{ text, styles: ['code' as const] }],
    })),
  'link: text (address)': fc.tuple(literal(LETTERS), address).map(([text, href]) => ({
    markdown: `[${text.markdown}](${href})`,
    shown: [...text.shown, plain(` (${href})`)],
  })),
  'an address alone: itself': address.map(href => ({ markdown: `<${href}>`, shown: [plain(href)] })),
  'a picture: what it shows (address)': fc.tuple(literal(LETTERS), address).map(([text, href]) => ({
    markdown: `![${text.markdown}](${href})`,
    shown: [...text.shown, plain(` (${href})`)],
  })),
  'bold within a word: not bold': fc
    .tuple(...Array.from({ length: 3 }, () => wordOf(['a', 'é', 'ש', '字', 'का'])))
    .map(([one = '', bold = '', other = '']) => ({
      markdown: `${one}**${bold}**${other}`,
      shown: [plain(one + bold + other)],
    })),
  'a label before a letter: not bold': fc.tuple(word, wordOf(['a', '字'])).map(([label, other]) => ({
    markdown: `**${label}:**${other}`,
    shown: [plain(`${label}:${other}`)],
  })),
  'a product: itself': fc
    .tuple(fc.constantFrom('2*3*4', '2**3**4', 'a*b*c', 'f(x)*y*2', '2 * 3 * 4'))
    .map(([text]) => ({ markdown: text, shown: [plain(text)] })),
  'entities: what they name': fc
    .constantFrom(
      ['&lt;b&gt;', '<b>'],
      ['&amp;copy;', '&copy;'],
      ['&#42;x&#x2A;', '*x*'],
      ['&eacute;', 'é'],
      ['&x;', '&x;'],
    )
    .map(([markdown = '', text = '']) => ({ markdown, shown: [plain(text)] })),
  'tags of HTML: the mark that they mean, or nothing': fc
    .tuple(
      fc.constantFrom(
        ['b', 'bold'],
        ['strong', 'bold'],
        ['em', 'italic'],
        ['del', 'strike'],
        ['kbd', 'code'],
        ['span', null],
        ['u', null],
      ),
      word,
    )
    .map(([[tag, style], text]) => ({
      markdown: `<${tag}>${text}</${tag}>`,
      shown: [{ text, styles: style === null ? [] : [style as Style] }],
    })),
  'text in angle brackets: itself': word.map(() => ({ markdown: '<your-name>', shown: [plain('<your-name>')] })),
} satisfies Record<string, fc.Arbitrary<Words>>

/** Words that are marked, and marks within marks; no signs of marks stand in them. */
const nested = fc.letrec<{ words: Words; bold: Words; italic: Words; strike: Words }>(tie => {
  const some = fc
    .array(
      fc.oneof(
        { maxDepth: 3, depthIdentifier: 'marks' },
        { arbitrary: IN_A_LINE.word, weight: 3 },
        { arbitrary: IN_A_LINE['link: text (address)'], weight: 1 },
        // Marked takes a star behind code with a tick for one within it.
        { arbitrary: IN_A_LINE['code: as it is'].filter(({ markdown }) => !markdown.startsWith('``')), weight: 1 },
        { arbitrary: tie('bold'), weight: 2 },
        { arbitrary: tie('italic'), weight: 2 },
        { arbitrary: tie('strike'), weight: 2 },
      ),
      { minLength: 1, maxLength: 3 },
    )
    .chain(words => fc.constantFrom(' ', ' ', '\n').map(separator => joinedBy(separator, words)))
  const without = (sign: string, words: Words): boolean => !words.markdown.includes(sign)
  return {
    words: some,
    bold: some.filter(words => without('**', words)).map(marked('**', 'bold')),
    italic: some.filter(words => without('_', words)).map(marked('_', 'italic')),
    strike: some.filter(words => without('~~', words)).map(marked('~~', 'strike')),
  }
})

const sentence = (separators: readonly string[]): fc.Arbitrary<Words> =>
  fc
    .array(fc.oneof(...Object.values(IN_A_LINE), nested.bold, nested.italic, nested.strike), {
      minLength: 1,
      maxLength: 6,
    })
    // Marked takes what is between two such for code as well.
    .filter(words => words.filter(({ markdown }) => markdown.startsWith('``')).length < 2)
    .chain(words => fc.constantFrom(...separators).map(separator => joinedBy(separator, words)))
const oneLine = sentence([' ']).map(({ markdown, shown }) => ({
  markdown: markdown.replaceAll('\n', ' '),
  shown: shown.map(stretch => ({ ...stretch, text: stretch.text.replaceAll('\n', ' ') })),
}))

function linesOf(kind: ShownLine['kind'], { shown }: Pick<Words, 'shown'>): ShownLine[] {
  const lines: Stretch[][] = [[]]
  for (const { text, styles } of shown) {
    for (const [index, said] of text.split('\n').entries()) {
      if (index > 0) lines.push([])
      lines.at(-1)?.push({ text: said, styles })
    }
  }
  return lines.map(stretches => ({ kind, stretches: withoutUncertain(stretches) }))
}

/** A mark whose text begins or ends with a sign is left out, and so is one around code with a tick. */
function withoutUncertain(stretches: readonly Stretch[]): Stretch[] {
  const letters = stretches.flatMap(({ text, styles }) =>
    Array.from(text, letter => ({ text: letter, styles: [...styles] })),
  )
  for (const { text, styles } of stretches) {
    if (!styles.includes('code') || !text.includes('`')) continue
    const from = stretches
      .slice(
        0,
        stretches.findIndex(one => one.text === text),
      )
      .flatMap(one => Array.from(one.text)).length
    for (const letter of letters.slice(from, from + Array.from(text).length)) letter.styles = ['code']
  }
  for (const style of ['bold', 'italic', 'strike'] as const) {
    for (let from = 0; from < letters.length; from += 1) {
      if (!letters[from]?.styles.includes(style)) continue
      const length = letters.slice(from).findIndex(letter => !letter.styles.includes(style))
      const span = letters.slice(from, length < 0 ? undefined : from + length)
      const said = span.filter(({ text }) => text.trim() !== '')
      const isSign = (letter?: { text: string; styles: Style[] }): boolean =>
        letter !== undefined && !letter.styles.includes('code') && '*_~`'.includes(letter.text)
      if (isSign(said[0]) || isSign(said.at(-1))) {
        for (const letter of span) letter.styles = letter.styles.filter(other => other !== style)
      }
      from += span.length - 1
    }
  }
  return letters
}

const indented = (lead: string, markdown: string): string =>
  lead + markdown.replaceAll('\n', `\n${' '.repeat(lead.length)}`)
const led = (lead: string, { markdown, shown }: Words): Words => ({
  markdown: indented(lead, markdown),
  shown: [plain(lead), ...shown],
})

/** What a document is made of, and what a phone shows of it. */
export const BLOCKS = {
  'a heading: bold': oneLine.map(words => ({
    markdown: `## ${words.markdown}`,
    shown: linesOf('plain', { shown: also('bold', words) }),
  })),
  'a paragraph: its lines': sentence([' ', '\n', '<br>', '  \n']).map(words => ({
    markdown: words.markdown,
    shown: linesOf('plain', {
      shown: words.shown.map(one => ({ ...one, text: one.text.replace(/^(?:<br>| {2}\n)$/, '\n') })),
    }),
  })),
  'a quotation: every line of it': sentence([' ', '\n']).map(words => ({
    markdown: words.markdown.replace(/^/gm, '> '),
    shown: linesOf('quote', words),
  })),
  'a quotation in a quotation: one': fc.tuple(oneLine, oneLine).map(([one, other]) => ({
    markdown: `> ${one.markdown}\n> > ${other.markdown}`,
    shown: [...linesOf('quote', one), ...linesOf('quote', other)],
  })),
  'points: points, and those within them as text': fc
    .array(fc.tuple(oneLine, fc.option(oneLine)), { minLength: 1, maxLength: 3 })
    .map(items => ({
      markdown: items
        .map(([item, inner]) => indented('- ', item.markdown) + (inner ? `\n${indented('  - ', inner.markdown)}` : ''))
        .join('\n'),
      shown: items.flatMap(([item, inner]) => [
        ...linesOf('bullet', item),
        ...(inner ? linesOf('plain', { shown: [plain('  - '), ...inner.shown] }) : []),
      ]),
    })),
  'numbers: from where they start': fc
    .tuple(fc.nat({ max: 90 }), fc.array(oneLine, { minLength: 1, maxLength: 3 }))
    .map(([start, items]) => ({
      markdown: items.map((item, index) => indented(`${start + index}. `, item.markdown)).join('\n'),
      shown: items.flatMap((item, index) => linesOf('number', led(`${start + index}. `, item))),
    })),
  'code: as it is': fc
    .array(fc.tuple(fc.constantFrom('', '  ', '\t'), fc.constantFrom('if *x*:', '_y_', '``` z', '`z`', '<b>', '# 1')), {
      minLength: 1,
      maxLength: 4,
    })
    .map(lines => lines.map(line => line.join('')))
    .map(lines => ({
      markdown: `~~~~js\n${lines.join('\n')}\n~~~~`,
      shown: lines.map(text => ({ kind: 'code' as const, stretches: [{ text, styles: ['code' as const] }] })),
    })),
  'a table: a line for each row, the first one bold': fc
    .array(fc.tuple(IN_A_LINE.word, IN_A_LINE['what is escaped'], nested.italic), { minLength: 1, maxLength: 4 })
    .map(rows => rows.map(cells => cells.map(flat)))
    .map(rows => ({
      markdown: rows
        .map(cells => `| ${cells.map(({ markdown }) => markdown).join(' | ')} |`)
        .toSpliced(1, 0, '|---|---|---|')
        .join('\n'),
      shown: rows.flatMap((cells, index) => {
        const row = joinedBy(' | ', cells)
        return linesOf('plain', { shown: index === 0 ? also('bold', row) : row.shown })
      }),
    })),
  'a rule: a stroke': fc.constant({ markdown: '---', shown: linesOf('plain', { shown: [plain('———')] }) }),
} satisfies Record<string, fc.Arbitrary<Written>>

function flat({ markdown, shown }: Words): Words {
  return {
    markdown: markdown.replaceAll('\n', ' '),
    shown: shown.map(stretch => ({ ...stretch, text: stretch.text.replaceAll('\n', ' ') })),
  }
}

/** Whole documents. */
export const documents: fc.Arbitrary<Written> = fc
  .array(fc.oneof(...Object.values(BLOCKS)), { minLength: 1, maxLength: 6 })
  .map(blocks => ({
    markdown: blocks.map(({ markdown }) => markdown).join('\n\n<!-- -->\n\n'),
    shown: blocks.flatMap(({ shown }) => shown),
  }))
