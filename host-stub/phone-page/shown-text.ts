/** The styles of a stretch of a message's text. */
export type Style = 'bold' | 'italic' | 'strike' | 'code'
export type Stretch = { readonly text: string; readonly styles: readonly Style[] }
export type ShownLine = {
  readonly kind: 'plain' | 'bullet' | 'number' | 'quote' | 'code'
  readonly stretches: readonly Stretch[]
}

const HELP = 'WhatsApp, "How to format your messages", faq.whatsapp.com/539178204879377'
const BRIDGE = 'mautrix-whatsapp, pkg/msgconv/wa-text.go'
const REPORT = 'github.com/devlikeapro/waha/issues/1643'

/**
 * WhatsApp publishes the signs, but not where they count. Each rule comes from the source beside it; we saw none on a phone. Where
 * the sources differ, the stricter rule is used.
 */
export const RULES = [
  {
    rule: 'Three ticks around text that is not blank are code, over lines too; nothing in it is a sign.',
    source: BRIDGE,
  },
  {
    rule: 'A line that begins with "> " is a quotation, with "- " or "* " a point, with "1. " a number.',
    source: HELP,
  },
  { rule: 'One of these to a line, and only where it begins: an indent makes it text.', source: BRIDGE },
  { rule: 'A tick on both sides is code within one line; nothing in it is a sign.', source: HELP },
  { rule: '* is bold, _ is italic, ~ is strike: on both sides, within one line, one in the other.', source: HELP },
  { rule: 'Before the first sign and behind the last stands no letter and no digit.', source: BRIDGE },
  { rule: 'Within, no blank touches a sign.', source: REPORT },
  {
    rule: 'Letters of all scripts are letters: bold beside Chinese or Japanese ones is left out.',
    source: `${BRIDGE} knows Latin ones only, and before the first sign only blanks: what neither refuses is certain`,
  },
  { rule: 'A zero-width space is a blank.', source: "Apple's CharacterSet.whitespaces; Android is not known" },
  {
    rule: 'No sign counts within an address.',
    source: 'an assumption: whatever stands in an address must stay as it is',
  },
] as const

const FENCE = '```'
const STYLES: Readonly<Record<string, Style>> = { '*': 'bold', _: 'italic', '~': 'strike' }
const LEADS = [
  ['quote', /^> /],
  ['bullet', /^[-*] /],
  ['number', /^(?=\d{1,2}\. )/],
] as const
const ADDRESS = /(?<![\p{L}\p{N}])https?:\/\/[^\s<>`]*[^\s<>`*_~.,:;!?)\]}'"\u200B]/uy
const LETTER_BEFORE = /(?:[\p{L}\p{N}]|(?![\uFE00-\uFE0F])[\p{Mn}\p{Mc}])$/u
const LETTER_AFTER = /^(?:[\p{L}\p{N}]|(?![\uFE00-\uFE0F])[\p{Mn}\p{Mc}])/u
const BLANK = /^[\s\u200B]?$/

/** Splits a text into the lines of a bubble. */
export function shownLines(text: string): ShownLine[] {
  const lines: ShownLine[] = []
  let open: Stretch[] = []
  let begun = ''
  const end = (): void => {
    lines.push(lineOf(begun, open))
    open = []
    begun = ''
  }
  for (const { code, said } of fencedApart(text)) {
    if (code && said.includes('\n')) {
      if (begun !== '' || open.length > 0) end()
      const inner = said.replace(/^\n/, '').replace(/\n$/, '')
      for (const line of inner.split('\n')) lines.push({ kind: 'code', stretches: [{ text: line, styles: ['code'] }] })
      continue
    }
    if (code) {
      open.push({ text: said, styles: ['code'] })
      continue
    }
    for (const [index, line] of said.split('\n').entries()) {
      if (index > 0) end()
      const lead = open.length === 0 ? leadIn(line) : ''
      begun += lead
      open.push(...stretchesOf(line.slice(lead.length)))
    }
  }
  end()
  return lines
}

const leadIn = (line: string): string => LEADS.map(([, lead]) => lead.exec(line)?.[0] ?? '').join('')

function lineOf(lead: string, stretches: readonly Stretch[]): ShownLine {
  const written = lead + stretches.map(({ text }) => text).join('')
  const kind = LEADS.find(([name, begins]) => (name === 'number' || lead !== '') && begins.test(written))?.[0]
  return { kind: kind ?? 'plain', stretches: stretches.filter(({ text }) => text !== '') }
}

function* fencedApart(text: string): Generator<{ code: boolean; said: string }> {
  let from = 0
  for (;;) {
    const open = text.indexOf(FENCE, from)
    if (open < 0) break
    let close = text.indexOf(FENCE, open + FENCE.length)
    const isBlank = close >= 0 && text.slice(open + FENCE.length, close).trim() === ''
    if (isBlank) close = text.indexOf(FENCE, close + FENCE.length)
    if (close < 0) break
    yield { code: false, said: text.slice(from, open) }
    yield { code: true, said: text.slice(open + FENCE.length, close) }
    from = close + FENCE.length
  }
  yield { code: false, said: text.slice(from) }
}

type Part = { readonly from: number; readonly to: number; readonly isCode: boolean }

/** The code and addresses in a line, in which no sign counts. */
function closedParts(line: string): Part[] {
  const parts: Part[] = []
  for (let at = 0; at < line.length; at += 1) {
    ADDRESS.lastIndex = at
    const address = ADDRESS.exec(line)
    const close = line[at] === '`' && opens(line, at) ? line.indexOf('`', at + 1) : -1
    if (address) parts.push({ from: at, to: at + address[0].length, isCode: false })
    else if (close > at + 1 && closes(line, close)) parts.push({ from: at, to: close + 1, isCode: true })
    at = Math.max(at, (parts.at(-1)?.to ?? 0) - 1)
  }
  return parts
}

const opens = (line: string, at: number): boolean =>
  !LETTER_BEFORE.test(line.slice(Math.max(0, at - 2), at)) &&
  line[at - 1] !== '\u200B' &&
  !BLANK.test(line[at + 1] ?? '') &&
  line[at + 1] !== line[at]

const closes = (line: string, at: number): boolean =>
  !BLANK.test(line[at - 1] ?? '') && !LETTER_AFTER.test(line.slice(at + 1, at + 3))

function stretchesOf(line: string): Stretch[] {
  const parts = closedParts(line)
  const partAt = (at: number): Part | undefined => parts.find(({ from, to }) => from <= at && at < to)
  const closing = (open: number, end: number): number => {
    for (let at = open + 2; at < end; at += 1) {
      if (line[at] === line[open] && !partAt(at) && closes(line, at)) return at
    }
    return -1
  }
  const between = (from: number, end: number, styles: readonly Style[]): Stretch[] => {
    const stretches: Stretch[] = []
    let plain = from
    const say = (to: number): void => void stretches.push({ text: line.slice(plain, to), styles })
    for (let at = from; at < end; at += 1) {
      const part = partAt(at)
      const style = STYLES[line[at] ?? '']
      const close = !part && style && !styles.includes(style) && opens(line, at) ? closing(at, end) : -1
      if (!part?.isCode && close < 0) {
        if (part) at = part.to - 1
        continue
      }
      say(at)
      if (part) stretches.push({ text: line.slice(at + 1, part.to - 1), styles: [...styles, 'code'] })
      else if (style) stretches.push(...between(at + 1, close, [...styles, style]))
      at = part ? part.to - 1 : close
      plain = at + 1
    }
    say(end)
    return stretches
  }
  return between(0, line.length, [])
}
