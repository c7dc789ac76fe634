import { INLINE, MARK, markOf, marksOf } from './phone-marks.ts'
import { phoneText, type Piece } from './phone-text.ts'

/** How many characters of a message phones show before they fold it. */
const PART_LETTERS_MOST = 4_096
/** Where a long text is split: between paragraphs, lines, sentences or words. The first kind with a border late enough is used. */
const BORDERS = ['\n\n', '\n', '. ', ' '] as const
/** If a border would leave a part shorter than this, the next kind is tried. */
const LEAST_FILLED = 0.5
/** Room for the signs that close open marks at a break. */
const SIGNS_LETTERS = 8
const BLANK = /[\s\u200B]/
const KEPT = INLINE | MARK.block | MARK.fenced | MARK.lead

/**
 * Splits a text into parts that are short enough for phones, in order. It is split between characters as people see them. Bold,
 * italic, struck-out, quoted and code text is so on both sides of a break. Blanks at a break are dropped, indents are kept. A
 * single character longer than a part is split between its code points.
 */
export const textParts = (text: string, most?: number): string[] => [...partsIn(text, most)]

/** The same, one part at a time, because each part of a long text takes a while. */
export function* partsIn(text: string, most: number = PART_LETTERS_MOST): Generator<string, void, undefined> {
  if (text.length <= most) {
    if (text !== '') yield text
    return
  }
  const source = new Source(text)
  for (let from = source.begin(0); from < text.length;) {
    const { said, to } = source.part(from, most)
    if (said.trim() !== '') yield said
    from = source.begin(to)
  }
}

class Source {
  readonly #text: string
  readonly #marks: Uint16Array
  readonly #graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

  constructor(text: string) {
    this.#text = text
    this.#marks = marksOf(text)
  }

  /** Where the next part begins: after signs and blanks, but before the indent of a line and before code. */
  begin(at: number): number {
    if ((this.#at(at) & MARK.sign) !== 0) return this.begin(at + 1)
    const isCode = (this.#at(at) & (MARK.block | MARK.code)) !== 0
    const isLineBegun = at > 0 && this.#text[at - 1] !== '\n'
    const blanks = isCode ? /\n*/y : isLineBegun ? /[^\S\n]*(?:\s*\n)?/y : /(?:[^\S\n]*\n)*/y
    blanks.lastIndex = at
    const to = at + (blanks.exec(this.#text)?.[0].length ?? 0)
    return to > at && !isCode ? this.begin(to) : to
  }

  /** The longest part from an index that is short enough, and where it ends. */
  part(from: number, most: number): { said: string; to: number } {
    let room = this.#text.length - from <= most - SIGNS_LETTERS ? most : Math.max(1, most - SIGNS_LETTERS)
    for (;;) {
      const to = this.#breakAfter(from, room)
      const said = this.#said(from, to)
      if (said.length <= most) return { said, to }
      if (room === 1) return { said: this.#text.slice(from, to), to }
      room = Math.max(1, Math.min(room, to - from) - (said.length - most))
    }
  }

  #at(at: number): number {
    return this.#marks[at] ?? 0
  }

  #breakAfter(from: number, room: number): number {
    if (this.#text.length - from <= room) return this.#text.length
    const seen = this.#text.slice(from, from + room)
    for (const border of BORDERS) {
      const at = seen.lastIndexOf(border)
      const end = from + at + border.length
      if (at >= room * LEAST_FILLED && this.#isWhole(end) && this.#boundBefore(end, from) === end) return end
    }
    const bound = this.#boundBefore(from + room, from)
    if (bound === from) return from + withinCharacter(seen)
    let last = bound
    while (last > from && !this.#isWhole(last)) last = this.#boundBefore(last - 1, from)
    return last > from ? last : bound
  }

  /** The last index up to `at` that is between two characters as people see them. */
  #boundBefore(at: number, from: number): number {
    const anchor = anchorBefore(this.#text, at, from)
    if (anchor === at) return at
    // Includes the whole character at the index, because it may belong to the one before.
    const seen = this.#text.slice(anchor, at + 2)
    let last = 0
    for (const { index } of this.#graphemes.segment(seen)) if (index <= at - anchor) last = index
    return at === this.#text.length ? at : anchor + last
  }

  /**
   * Whether a break at an index changes nothing: a line's list or quotation mark stays with its line, and no marked text begins or
   * ends with a literal sign.
   */
  #isWhole(at: number): boolean {
    if ((this.#at(at - 1) & MARK.lead) !== 0) return false
    let [before, after] = [at - 1, at]
    while (this.#isUnseen(before)) before -= 1
    while (this.#isUnseen(after)) after += 1
    const isMarked = (this.#at(before) & this.#at(after) & (INLINE & ~MARK.code)) !== 0
    return !isMarked || !(this.#isLiteralSign(before) || this.#isLiteralSign(after))
  }

  #isUnseen(at: number): boolean {
    return BLANK.test(this.#text[at] ?? '') || (this.#at(at) & MARK.sign) !== 0
  }

  #isLiteralSign(at: number): boolean {
    return markOf(this.#text[at]) !== 0 && (this.#at(at) & (MARK.sign | MARK.code | MARK.block)) === 0
  }

  #said(from: number, to: number): string {
    const pieces: Piece[] = []
    const isQuoteBroken = (this.#at(from) & MARK.quote) !== 0 && from > 0 && this.#text[from - 1] !== '\n'
    if (isQuoteBroken) pieces.push({ text: '> ', marks: MARK.lead })
    for (let at = from; at < to;) {
      let end = at + 1
      while (end < to && this.#at(end) === this.#at(at)) end += 1
      const marks = this.#at(at)
      if ((marks & MARK.sign) === 0) pieces.push({ text: this.#text.slice(at, end), marks: marks & KEPT })
      at = end
    }
    return phoneText(withoutLastBlanks(pieces))
  }
}

/** The last index up to `at` between two plain characters, which is always between two characters as people see them. */
function anchorBefore(text: string, at: number, from: number): number {
  for (let anchor = at; anchor > from; anchor -= 1) {
    if (isPlain(text[anchor - 1]) && isPlain(text[anchor])) return anchor
  }
  return from
}

const isPlain = (character: string | undefined): boolean =>
  character !== undefined &&
  character !== '\r' &&
  character < '\u0300' &&
  character !== '\u00A9' &&
  character !== '\u00AE'

/** An index within a character that is longer than the room for it, but not within a surrogate pair. */
const withinCharacter = (seen: string): number =>
  seen.length > 1 && /[\uD800-\uDBFF]$/.test(seen) ? seen.length - 1 : seen.length

function withoutLastBlanks(pieces: readonly Piece[]): Piece[] {
  const kept = [...pieces]
  for (let last = kept.pop(); last; last = kept.pop()) {
    const text = (last.marks & MARK.block) !== 0 ? last.text.replace(/\n+$/, '') : last.text.trimEnd()
    if (text !== '') return [...kept, { ...last, text }]
  }
  return kept
}
