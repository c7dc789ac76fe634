import type { Token, Tokens } from 'marked'

import { beginsWithTag, htmlLines } from './html.ts'
import { blockTokensOf, portionsOf } from './markdown-parser.ts'
import { wordsOf } from './markdown-inline.ts'
import { MARK } from './phone-marks.ts'
import { phoneText, type Piece } from './phone-text.ts'

/**
 * Converts an agent's Markdown into WhatsApp's formatting: `*bold*`, `_italic_`, `~strike~`, code, list items and quotations.
 * Everything else becomes plain words: a heading is bold, a link is its text and its address.
 */
export function whatsAppMarks(markdown: string): string {
  // A text of link definitions only is empty in Markdown. Then the original is sent.
  return phoneText(joined(linesOf(markdown))).trim() || markdown.trim()
}

/** The pieces of one line. Code on lines of its own is one piece. */
type Line = readonly Piece[]

function linesOf(markdown: string): Line[] {
  const said = portionsOf(markdown).map(({ text, tokens }) =>
    tokens ? blocks(tokens) : brokenLines([{ text: text.trimEnd(), marks: 0 }]),
  )
  return apart(said)
}

const joined = (lines: readonly Line[]): Piece[] =>
  lines.flatMap((line, index) => (index > 0 ? [{ text: '\n', marks: 0 }, ...line] : [...line]))

const EMPTY: Line = []

const blocks = (tokens: readonly Token[]): Line[] =>
  apart(tokens.filter(({ type }) => type !== 'space' && type !== 'def').map(block))

/** Separates blocks by an empty line. */
const apart = (said: readonly Line[][]): Line[] =>
  said.filter(lines => lines.length > 0).flatMap((lines, index) => (index > 0 ? [EMPTY, ...lines] : lines))

const isOf = <Kind extends Token>(token: Token, type: Kind['type']): token is Kind => token.type === type

function block(token: Token): Line[] {
  if (isOf<Tokens.Heading>(token, 'heading')) return brokenLines(wordsOf(token.tokens, MARK.bold))
  if (isOf<Tokens.Paragraph>(token, 'paragraph')) return brokenLines(wordsOf(token.tokens))
  if (isOf<Tokens.Code>(token, 'code')) return code(token)
  if (isOf<Tokens.Blockquote>(token, 'blockquote')) return quoted(blocks(token.tokens))
  if (isOf<Tokens.List>(token, 'list')) return list(token)
  if (isOf<Tokens.Table>(token, 'table')) return table(token)
  if (isOf<Tokens.HTML>(token, 'html')) return html(token.text)
  if (token.type === 'hr') return [[{ text: '———', marks: 0 }]]
  // Text outside of a paragraph only occurs in lists.
  if (!isOf<Tokens.Text>(token, 'text')) return brokenLines([{ text: token.raw, marks: 0 }])
  return brokenLines(wordsOf(token.tokens ?? [token]))
}

/** Markdown takes text in angle brackets at the beginning of a line for HTML. */
const html = (text: string): Line[] =>
  beginsWithTag(text) ? htmlLines(text).flatMap(brokenLines) : blocks(blockTokensOf(text.trimStart()))

/** Splits pieces into lines, because formatting ends at the end of a line. */
function brokenLines(pieces: readonly Piece[]): Line[] {
  const lines: Piece[][] = [[]]
  for (const { text, marks } of pieces) {
    for (const [index, said] of text.split('\n').entries()) {
      if (index > 0) lines.push([])
      if (said !== '') lines.at(-1)?.push({ text: said, marks })
    }
  }
  return lines
}

/** An empty code block is literal text, and not code. */
const code = ({ text, raw }: Tokens.Code): Line[] =>
  text.trim() === '' ? brokenLines([{ text: raw.trim(), marks: 0 }]) : [[{ text, marks: MARK.block | MARK.fenced }]]

const isFenced = (line: Line): boolean => ((line[0]?.marks ?? 0) & MARK.fenced) !== 0
const isQuoted = (line: Line): boolean => line[0]?.marks === MARK.lead && line[0].text === '> '

/** Removes list and quotation marks, which only count at the beginning of a line. */
const within = (line: Line): Piece[] => line.map(({ text, marks }) => ({ text, marks: marks & ~MARK.lead }))

/** Quotes lines. WhatsApp has only one level of quotation, and no code of several lines in it. */
function quoted(lines: readonly Line[]): Line[] {
  const flat = lines.flatMap(line =>
    isFenced(line) ? brokenLines(line.map(({ text }) => ({ text, marks: MARK.code }))) : [line],
  )
  const said = flat.filter(line => line.length > 0)
  return said.map(line => (isQuoted(line) ? line : [{ text: '> ', marks: MARK.lead }, ...within(line)]))
}

function list({ items, ordered, start }: Tokens.List): Line[] {
  return items.flatMap(({ tokens, task, checked }, index) => {
    const mark = ordered
      ? { text: `${start === '' ? 1 : start + index}. `, marks: 0 }
      : { text: '- ', marks: MARK.lead }
    const box = task ? [{ text: checked ? '☑ ' : '☐ ', marks: 0 }] : []
    const [first = EMPTY, ...more] = blocks(tokens).filter(line => line.length > 0)
    // Code of several lines gets no indent, because it would be shown. Other lines get one, which alone shows that they belong to
    // the item.
    const rest = more.map(line => (isFenced(line) ? line : [{ text: '  ', marks: 0 }, ...within(line)]))
    return isFenced(first) ? [[mark, ...box], first, ...rest] : [[mark, ...box, ...within(first)], ...rest]
  })
}

/** Writes each row of a table as a line, because a phone is too narrow for columns. */
function table({ header, rows }: Tokens.Table): Line[] {
  const line = (cells: readonly Tokens.TableCell[], marks: number): Line =>
    cells.flatMap(({ tokens }, index) => [
      ...(index > 0 ? [{ text: ' | ', marks }] : []),
      // A cell becomes one line.
      ...wordsOf(tokens, marks).map(piece => ({ ...piece, text: piece.text.replaceAll('\n', ' ') })),
    ])
  return [line(header, MARK.bold), ...rows.map(cells => line(cells, 0))]
}
