/** How a phone interprets each character of a text, as bits; several may be set. */
export const MARK = {
  bold: 1,
  italic: 2,
  strike: 4,
  code: 8,
  /** Code between triple backticks; with `fenced`, on lines of its own. */
  block: 16,
  fenced: 32,
  /** The beginning of a list item or a quotation. */
  lead: 64,
  /** Part of a quoted line. */
  quote: 128,
  /** A formatting sign, which is not shown. */
  sign: 256,
} as const

/** The marks within a line. */
export const INLINE = MARK.bold | MARK.italic | MARK.strike | MARK.code
/** A zero-width space: disables a sign next to it. */
export const NOTHING_WIDE = '\u200B'
export const FENCE = '```'
/** Addresses are never changed, and signs in them do not format. */
export const ADDRESS = /(?<![\p{L}\p{N}])https?:\/\/[^\s<>`]*[^\s<>`*_~.,:;!?)\]}'"\u200B]/gu

const SIGNS: Readonly<Record<string, number>> = { '*': MARK.bold, _: MARK.italic, '~': MARK.strike, '`': MARK.code }
const LETTER = /[\p{L}\p{N}\p{Mn}\p{Mc}]/u
const VARIATION = /[\uFE00-\uFE0F]/
const BLANK = /[\s\u200B]/

/** Whether no mark can begin after this character, or end before it. */
export const isWordy = (character: string | undefined): boolean =>
  character !== undefined && LETTER.test(character) && !VARIATION.test(character)

/** The mark that a character stands for, or 0. */
export const markOf = (character: string | undefined): number => SIGNS[character ?? ''] ?? 0

/** The whole character before an index. */
export function characterBefore(text: string, at: number): string | undefined {
  const last = text[at - 1]
  return last !== undefined && last >= '\uDC00' && last <= '\uDFFF' ? text.slice(Math.max(0, at - 2), at) : last
}

/** The whole character at an index. */
export const characterAt = (text: string, at: number): string | undefined => {
  const point = text.codePointAt(at)
  return point === undefined ? undefined : String.fromCodePoint(point)
}

/** How a phone interprets each character of a text, by WhatsApp's rules (the simulated phone documents them with their sources). */
export function marksOf(text: string): Uint16Array {
  const marks = new Uint16Array(text.length)
  markBlocks(text, marks)
  let from = 0
  for (let at = 0; at <= text.length; at += 1) {
    const isEnd = at === text.length || (text[at] === '\n' && ((marks[at] ?? 0) & MARK.block) === 0)
    if (!isEnd) continue
    markLine({ text, marks }, from, at)
    from = at + 1
  }
  return marks
}

type Reading = { readonly text: string; readonly marks: Uint16Array }

function add(marks: Uint16Array, [from, to]: readonly [number, number], bits: number): void {
  for (let at = from; at < to; at += 1) marks[at] = (marks[at] ?? 0) | bits
}

function markBlocks(text: string, marks: Uint16Array): void {
  for (let open = text.indexOf(FENCE); open >= 0;) {
    const from = open + FENCE.length
    let to = text.indexOf(FENCE, from)
    if (to >= 0 && text.slice(from, to).trim() === '') to = text.indexOf(FENCE, to + FENCE.length)
    if (to < 0) return
    const isFenced = text.slice(from, to).includes('\n')
    const [first, last] = [isFenced && text[from] === '\n' ? 1 : 0, isFenced && text[to - 1] === '\n' ? 1 : 0]
    add(marks, [open, to + FENCE.length], MARK.block | (isFenced ? MARK.fenced : 0))
    add(marks, [open, from + first], MARK.sign)
    add(marks, [Math.max(from + first, to - last), to + FENCE.length], MARK.sign)
    open = text.indexOf(FENCE, to + FENCE.length)
  }
}

function markLine(reading: Reading, from: number, to: number): void {
  const { text, marks } = reading
  const lead = ((marks[from] ?? 0) & MARK.block) === 0 && text[from + 1] === ' ' ? (text[from] ?? '') : ''
  const isLed = to - from > 1 && (lead === '>' || lead === '-' || lead === '*')
  if (isLed) add(marks, [from, from + 2], MARK.lead)
  if (isLed && lead === '>') add(marks, [from, to], MARK.quote)
  // No mark extends over code between triple backticks.
  for (let at = isLed ? from + 2 : from; at < to;) {
    const isBlock = ((marks[at] ?? 0) & MARK.block) !== 0
    let end = at + 1
    while (end < to && (((marks[end] ?? 0) & MARK.block) !== 0) === isBlock) end += 1
    if (!isBlock && /[*_~`]/.test(text.slice(at, end))) markSpan(lineOf(reading, at, end))
    at = end
  }
}

type Line = Reading & {
  readonly from: number
  readonly to: number
  /** 1 where signs do not format: in code and in addresses. */
  readonly closed: Uint8Array
  /** The indexes at which each sign can end a mark, ascending. */
  readonly ends: ReadonlyMap<string, readonly number[]>
}

const isBlank = (character: string | undefined): boolean => character === undefined || BLANK.test(character)

function canBegin({ text, from, to }: Omit<Line, 'closed' | 'ends'>, at: number): boolean {
  const before = at === from ? undefined : characterBefore(text, at)
  const after = at + 1 < to ? text[at + 1] : undefined
  return !isWordy(before) && before !== NOTHING_WIDE && !isBlank(after) && after !== text[at]
}

function canEnd({ text, from, to }: Omit<Line, 'closed' | 'ends'>, at: number): boolean {
  return at > from && !isBlank(text[at - 1]) && !isWordy(at + 1 < to ? characterAt(text, at + 1) : undefined)
}

function lineOf(reading: Reading, from: number, to: number): Line {
  const { text, marks } = reading
  const closed = new Uint8Array(to - from)
  const line = { text, marks, from, to }
  for (const address of text.slice(from, to).matchAll(ADDRESS)) {
    closed.fill(1, address.index, address.index + address[0].length)
  }
  markCode(line, closed)
  const ends = new Map<string, number[]>(Object.keys(SIGNS).map(sign => [sign, []]))
  for (let at = from; at < to; at += 1) {
    if (closed[at - from] === 0 && canEnd(line, at)) ends.get(text[at] ?? '')?.push(at)
  }
  return { ...line, closed, ends }
}

/** Marks code between single backticks. It ends at the next backtick, or is no code. */
function markCode({ text, marks, from, to }: Omit<Line, 'closed' | 'ends'>, closed: Uint8Array): void {
  const line = { text, marks, from, to }
  let next = -1
  for (let at = from; at < to; at += 1) {
    if (closed[at - from] !== 0 || text[at] !== '`') continue
    if (next <= at) next = text.indexOf('`', at + 1)
    if (next < 0 || next >= to) return
    if (next === at + 1 || !canBegin(line, at) || !canEnd(line, next)) continue
    add(marks, [at, next + 1], MARK.code)
    add(marks, [at, at + 1], MARK.sign)
    add(marks, [next, next + 1], MARK.sign)
    closed.fill(1, at - from, next + 1 - from)
    at = next
  }
}

/** Marks formatting within a line, and nested formatting: each kind at most once at any nesting. */
function markSpan(line: Line, [from, to]: readonly [number, number] = [line.from, line.to], within = 0): void {
  const { text, marks, closed } = line
  for (let at = from; at < to; at += 1) {
    const bit = closed[at - line.from] === 0 ? markOf(text[at]) : 0
    if (bit === 0 || bit === MARK.code || (bit & within) !== 0 || !canBegin(line, at)) continue
    const end = firstFrom(line.ends.get(text[at] ?? '') ?? [], at + 2)
    if (end === undefined || end >= to) continue
    add(marks, [at, end + 1], bit)
    add(marks, [at, at + 1], MARK.sign)
    add(marks, [end, end + 1], MARK.sign)
    markSpan(line, [at + 1, end], within | bit)
    at = end
  }
}

/** The first of the ascending numbers that is not below a bound. */
function firstFrom(numbers: readonly number[], bound: number): number | undefined {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) < bound) low = middle + 1
    else high = middle
  }
  return numbers[low]
}
