import {
  ADDRESS,
  FENCE,
  INLINE,
  MARK,
  NOTHING_WIDE,
  characterAt,
  characterBefore,
  isWordy,
  markOf,
  marksOf,
} from './phone-marks.ts'

/** Text with the marks it should be shown with. A piece without marks may contain line ends. */
export type Piece = { readonly text: string; readonly marks: number }

type Letters = { readonly text: string; readonly marks: Uint16Array }
type Span = readonly [from: number, to: number]

const MOST_ROUNDS = 8
/** The order of nested marks, from the outermost to the innermost. */
const NESTING = [MARK.italic, MARK.bold, MARK.strike, MARK.code] as const
const SIGN_OF: ReadonlyMap<number, string> = new Map([
  [MARK.bold, '*'],
  [MARK.italic, '_'],
  [MARK.strike, '~'],
  [MARK.code, '`'],
])
const LITERAL_LEAD = /^[>*-] /
const BLANK = /[\s\u200B]/

/**
 * Writes pieces as text that a phone shows with their marks. Marks that a phone would not show there are left out. Literal signs do
 * not become marks: if nothing else helps, zero-width spaces are put next to them.
 */
export function phoneText(pieces: readonly Piece[]): string {
  const lines = linesOf(pieces)
  const said = lines.map(written)
  const text = said.map(line => line.text).join('\n')
  // Only triple backticks work across lines; everything else is correct line by line.
  if (!text.includes(FENCE) || isShownWhole(text, said)) return text
  return lines.map(line => written(withoutFences(line)).text).join('\n')
}

function isShownWhole(text: string, lines: readonly Written[]): boolean {
  const marks = marksOf(text)
  let from = 0
  return lines.every(line => {
    const { isMore, isLess } = compare(line, marks.subarray(from, from + line.text.length))
    from += line.text.length + 1
    return !isMore && !isLess
  })
}

function linesOf(pieces: readonly Piece[]): Letters[] {
  const lines: Piece[][] = [[]]
  for (const { text, marks } of pieces) {
    if ((marks & MARK.block) !== 0) {
      lines.at(-1)?.push({ text, marks })
      continue
    }
    for (const [index, said] of text.split('\n').entries()) {
      if (index > 0) lines.push([])
      lines.at(-1)?.push({ text: said, marks })
    }
  }
  return lines.map(lettersOf)
}

function lettersOf(pieces: readonly Piece[]): Letters {
  const text = pieces.map(piece => piece.text).join('')
  const marks = new Uint16Array(text.length)
  let at = 0
  for (const piece of pieces) {
    marks.fill(piece.marks, at, at + piece.text.length)
    at += piece.text.length
  }
  return { text, marks }
}

function piecesOf({ text, marks }: Letters): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < text.length;) {
    const to = spanEnd(marks, [at, text.length])
    pieces.push({ text: text.slice(at, to), marks: marks[at] ?? 0 })
    at = to
  }
  return pieces
}

const EVERY = 0xffff

/** The end of the run of characters that have the same of these bits as the first one. */
function spanEnd(marks: Uint16Array, [from, most]: Span, bits: number = EVERY): number {
  const value = (marks[from] ?? 0) & bits
  let to = from
  while (to < most && ((marks[to] ?? 0) & bits) === value) to += 1
  return to
}

const withoutFences = ({ text, marks }: Letters): Letters =>
  lettersOf(
    piecesOf({ text, marks }).map(piece =>
      (piece.marks & (MARK.block | MARK.code)) !== 0 ? piece : { ...piece, text: apart(piece.text) },
    ),
  )

/** Separates adjacent backticks. */
const apart = (text: string): string => text.replace(/`(?=`)/g, `\`${NOTHING_WIDE}`)

/** Writes a line as text. Marks that a phone would not show as intended are removed one by one. */
function written(line: Letters): Written {
  const wanted = { text: line.text, marks: tidied(line) }
  let guarded = false
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const said = new Writing(wanted, guarded).written()
    const marks = marksOf(said.text)
    const { isMore, isLess } = compare(said, marks)
    if (!isMore && !isLess) return said
    if (isMore && !guarded) guarded = true
    else if (!isLess) break
    else dropUnshown(said, marks)
  }
  return new Writing({ text: line.text, marks: line.marks.map(bits => bits & ~INLINE) }, true).written()
}

/**
 * Keeps only marks that every phone shows: none next to a letter, none whose text begins or ends with a sign, none on blanks at
 * their ends. Within code no marks begin or end; code that contains a backtick has none at all.
 */
function tidied({ text, marks }: Letters): Uint16Array {
  const tidy = marks.slice()
  for (const [from, to] of spansOf(tidy, MARK.code)) {
    const hasTick = text.slice(from, to).includes('`')
    tidy.fill(hasTick ? MARK.code : tidy.slice(from, to).reduce((all, bits) => all & bits, EVERY), from, to)
  }
  const isSign = (at: number): boolean => markOf(text[at]) !== 0 && ((marks[at] ?? 0) & MARK.code) === 0
  for (const bit of NESTING) {
    for (const [from, to] of spansOf(tidy, bit)) {
      const said = text.slice(from, to)
      const first = from + said.length - said.trimStart().length
      const end = to - said.length + said.trimEnd().length
      const isLetterNear = isWordy(characterBefore(text, first)) || isWordy(characterAt(text, end))
      const isTaken = first < end && !isLetterNear && !isSign(first) && !isSign(end - 1)
      clear(tidy, [from, isTaken ? first : to], bit)
      clear(tidy, [end, to], bit)
    }
  }
  return tidy
}

function spansOf(marks: Uint16Array, bit: number): Span[] {
  const spans: Span[] = []
  for (let at = 0; at < marks.length;) {
    const to = spanEnd(marks, [at, marks.length], bit)
    if (((marks[at] ?? 0) & bit) !== 0) spans.push([at, to])
    at = to
  }
  return spans
}

function clear(marks: Uint16Array, [from, to]: Span, bit: number): void {
  for (let at = from; at < to; at += 1) marks[at] = (marks[at] ?? 0) & ~bit
}

/** The bits with a visible effect. All kinds of code count as code. */
const seen = (bits: number): number => (bits & (INLINE | MARK.lead)) | ((bits & MARK.block) !== 0 ? MARK.code : 0)

/** A written line: the index of each character in the text, and the intended marks. */
type Written = { readonly text: string; readonly places: readonly number[]; readonly wanted: Letters }

/** Whether a phone shows more marks than intended, or fewer. */
function compare({ places, wanted }: Written, marks: Uint16Array): { isMore: boolean; isLess: boolean } {
  let [isMore, isLess] = [false, false]
  for (const [at, place] of places.entries()) {
    if (BLANK.test(wanted.text[at] ?? '')) continue
    const [want, have] = [seen(wanted.marks[at] ?? 0), seen(marks[place] ?? 0)]
    isMore ||= (have & ~want) !== 0 || ((marks[place] ?? 0) & MARK.sign) !== 0
    isLess ||= (want & ~have) !== 0
  }
  return { isMore, isLess }
}

function dropUnshown({ places, wanted }: Written, marks: Uint16Array): void {
  for (const bit of NESTING) {
    for (const [from, to] of spansOf(wanted.marks, bit)) {
      const isShown = places.slice(from, to).every(place => (seen(marks[place] ?? 0) & bit) !== 0)
      if (!isShown) clear(wanted.marks, [from, to], bit)
    }
  }
}

/** Writes one line, once. */
class Writing {
  readonly #wanted: Letters
  readonly #guarded: boolean
  readonly #places: number[] = []
  readonly #addresses: readonly Span[]
  readonly #lastEnds: ReadonlyMap<number, number>
  #text = ''

  constructor(wanted: Letters, guarded: boolean) {
    this.#wanted = wanted
    this.#guarded = guarded
    const { text } = wanted
    this.#addresses = guarded
      ? [...text.matchAll(ADDRESS)].map(({ index, 0: { length } }) => [index, index + length])
      : []
    this.#lastEnds = guarded ? this.#ends() : new Map()
  }

  written(): Written {
    const { text, marks } = this.#wanted
    // A mark at the beginning of the line comes before the characters that would form a list item or quotation, so these need no
    // guard.
    const isFirst = ((marks[0] ?? 0) & (MARK.lead | INLINE | MARK.block)) === 0
    if (this.#guarded && isFirst && LITERAL_LEAD.test(text)) this.#text += NOTHING_WIDE
    this.#span([0, text.length], 0)
    return { text: this.#text, places: this.#places, wanted: this.#wanted }
  }

  #span([from, to]: Span, within: number): void {
    const { marks } = this.#wanted
    for (let at = from; at < to;) {
      const here = (marks[at] ?? 0) & ~within
      if ((here & MARK.block) !== 0) at = this.#code([at, spanEnd(marks, [at, to], MARK.block)], FENCE)
      else if ((here & INLINE) === 0) this.#letter(at++, within)
      else at = this.#marked([at, to], within)
    }
  }

  /** The mark that extends furthest is the outermost. */
  #marked([at, to]: Span, within: number): number {
    const { text, marks } = this.#wanted
    const here = NESTING.filter(bit => (marks[at] ?? 0) & ~within & bit)
    const ends = here.map(bit => spanEnd(marks, [at, to], bit))
    const isCodeAlone = here.every(bit => bit === MARK.code)
    const end = Math.max(...ends.filter((_, index) => isCodeAlone || here[index] !== MARK.code))
    const bit = here.find((_, index) => ends[index] === end) ?? MARK.code
    if (bit === MARK.code) return this.#code([at, end], text.slice(at, end).includes('`') ? FENCE : '`')
    const sign = SIGN_OF.get(bit) ?? ''
    this.#text += sign
    this.#span([at, end], within | bit)
    this.#text += sign
    return end
  }

  #code([from, to]: Span, sign: string): number {
    const { text, marks } = this.#wanted
    const bits = marks[from] ?? 0
    const isFenced = (bits & MARK.fenced) !== 0
    const isApart = this.#guarded || (bits & MARK.block) === 0
    this.#text += isFenced ? `${sign}\n` : sign
    for (let at = from; at < to; at += 1) {
      const isTick = isApart && text[at] === '`'
      if (isTick && this.#text.endsWith('`')) this.#text += NOTHING_WIDE
      this.#places.push(this.#text.length)
      this.#text += text[at] ?? ''
      if (isTick && at === to - 1 && !isFenced) this.#text += NOTHING_WIDE
    }
    this.#text += isFenced ? `\n${sign}` : sign
    return to
  }

  #letter(at: number, within: number): void {
    const guards = this.#guarded && this.#couldMark(at, within)
    if (guards) this.#text += NOTHING_WIDE
    this.#places.push(this.#text.length)
    this.#text += this.#wanted.text[at] ?? ''
    if (guards) this.#text += NOTHING_WIDE
  }

  /** Whether a character could begin a mark that a later sign ends, or end an open one. */
  #couldMark(at: number, within: number): boolean {
    const { text, marks } = this.#wanted
    const bit = markOf(text[at])
    if (bit === 0 || ((marks[at] ?? 0) & MARK.lead) !== 0) return false
    if (this.#addresses.some(([from, to]) => from <= at && at < to)) return false
    if (bit === MARK.code) return true
    const [before, after] = [characterBefore(text, at), text[at + 1]]
    const begins = !isWordy(before) && after !== undefined && !BLANK.test(after)
    return (begins && at < (this.#lastEnds.get(bit) ?? -1)) || ((within & bit) !== 0 && this.#couldEnd(at))
  }

  #couldEnd(at: number): boolean {
    const { text } = this.#wanted
    return at > 0 && !BLANK.test(text[at - 1] ?? '') && !isWordy(characterAt(text, at + 1))
  }

  /** The last index at which each mark could end: at a literal sign, or after marked text. */
  #ends(): Map<number, number> {
    const { text, marks } = this.#wanted
    const ends = new Map<number, number>()
    for (let at = 0; at < text.length; at += 1) {
      const sign = markOf(text[at])
      if (sign !== 0 && this.#couldEnd(at)) ends.set(sign, at)
      for (const bit of NESTING) if (((marks[at] ?? 0) & bit) !== 0) ends.set(bit, at)
    }
    return ends
  }
}
