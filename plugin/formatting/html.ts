import { tagOf } from './html-entities.ts'
import { inlineTokensOf } from './markdown-parser.ts'
import { wordsOf } from './markdown-inline.ts'
import { MARK } from './phone-marks.ts'
import type { Piece } from './phone-text.ts'

const TAGS = /(<!--[\s\S]*?(?:-->|$)|<[!?][^>]*>|<\/?[A-Za-z](?:"[^"]*"|'[^']*'|[^"'<>])*>)/
const UNSAID = /<(script|style)\b[^>]*>[\s\S]*?(?:<\/\1\s*>|$)/gi
const BREAKS =
  /^(?:address|article|aside|blockquote|center|d[dlt]|details|div|fig.*|footer|h[1-6r]|header|li|main|nav|[ou]l|p|pre|section|summary|table|t(?:head|body|foot|r))$/
const HEADING = /^h[1-6]$/

/** Whether a text begins as HTML: with a known tag, a comment or a declaration. */
export function beginsWithTag(text: string): boolean {
  const begun = text.trimStart()
  const tag = /^<[^>]*>/.exec(begun)?.[0]
  return /^<[!?]/.test(begun) || (tag !== undefined && tagOf(tag) !== null)
}

/** A block of HTML as lines: its words, with the marks of its tags, and with the Markdown in it. */
export function htmlLines(html: string): Piece[][] {
  const lines: Piece[][] = []
  let open = { words: '', lead: '', marks: 0 }
  const end = (next: Partial<typeof open>): void => {
    const pieces = wordsOf(inlineTokensOf(open.words.replace(/\s*\n\s*/g, '\n').trim()), open.marks)
    if (pieces.some(({ text }) => text.trim() !== '')) {
      lines.push(open.lead === '' ? pieces : [{ text: open.lead, marks: MARK.lead }, ...pieces])
    }
    open = { words: '', lead: '', marks: 0, ...next }
  }
  for (const part of html.replace(UNSAID, '').split(TAGS)) {
    const tag = part.startsWith('<') ? tagOf(part) : null
    if (tag && BREAKS.test(tag.name)) {
      end({
        marks: HEADING.test(tag.name) && !tag.isEnd ? MARK.bold : 0,
        lead: tag.name === 'li' && !tag.isEnd ? '- ' : '',
      })
    } else if (tag && /^t[dh]$/.test(tag.name)) open.words += ' '
    else open.words += part
  }
  end({})
  return lines
}
