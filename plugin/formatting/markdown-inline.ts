import type { Token, Tokens } from 'marked'

import { tagOf, withoutEntities } from './html-entities.ts'
import { characterBefore, isWordy, MARK } from './phone-marks.ts'
import type { Piece } from './phone-text.ts'

const TAG_MARKS: Readonly<Record<string, number>> = {
  b: MARK.bold,
  strong: MARK.bold,
  i: MARK.italic,
  em: MARK.italic,
  cite: MARK.italic,
  dfn: MARK.italic,
  s: MARK.strike,
  strike: MARK.strike,
  del: MARK.strike,
  code: MARK.code,
  kbd: MARK.code,
  samp: MARK.code,
  tt: MARK.code,
}

const isOf = <Kind extends Token>(token: Token, type: Kind['type']): token is Kind => token.type === type

/** The content of a line of Markdown, as pieces with marks. */
export const wordsOf = (tokens: readonly Token[], marks = 0): Piece[] => new Words(tokens, marks).pieces()

/** The tokens of one element, in order. Tags of HTML mark what follows them. */
class Words {
  readonly #tokens: readonly Token[]
  readonly #marks: number
  readonly #tags: { name: string; address: string }[] = []

  constructor(tokens: readonly Token[], marks: number) {
    this.#tokens = tokens
    this.#marks = marks
  }

  pieces(): Piece[] {
    return this.#tokens.flatMap((token, index) => this.#said(token, index))
  }

  #said(token: Token, index: number): Piece[] {
    const marks = this.#tags.reduce((all, { name }) => all | (TAG_MARKS[name] ?? 0), this.#marks)
    const marked = this.#marked(token, index, marks)
    if (marked) return marked
    if (isOf<Tokens.Codespan>(token, 'codespan')) return [{ text: token.text, marks: marks | MARK.code }]
    if (isOf<Tokens.Link>(token, 'link')) return linkOf(wordsOf(token.tokens, marks), token.href)
    if (isOf<Tokens.Image>(token, 'image')) return linkOf(wordsOf(token.tokens, marks), token.href)
    if (token.type === 'br') return [{ text: '\n', marks: 0 }]
    if (isOf<Tokens.Escape>(token, 'escape')) return [{ text: token.text, marks }]
    if (isOf<Tokens.Tag>(token, 'html')) return this.#tag(token.raw, marks)
    if (!isOf<Tokens.Text>(token, 'text')) return [{ text: token.raw, marks }]
    return token.tokens ? wordsOf(token.tokens, marks) : [{ text: withoutEntities(token.text), marks }]
  }

  /** The pieces of an emphasized token; null if the token is none. */
  #marked(token: Token, index: number, marks: number): Piece[] | null {
    const bit = { strong: MARK.bold, em: MARK.italic, del: MARK.strike }[token.type]
    if (bit === undefined || !('tokens' in token) || !token.tokens) return null
    const sign = /^(?:\*\*?|~)(?!~)/.exec(token.raw)?.[0] ?? ''
    if (!isArithmetic(sign, this.#neighbours(index), token.raw)) return wordsOf(token.tokens, marks | bit)
    return [{ text: sign, marks }, ...wordsOf(token.tokens, marks), { text: sign, marks }]
  }

  #neighbours(index: number): [before: string, after: string] {
    const [before, after] = [this.#tokens[index - 1]?.raw ?? '', this.#tokens[index + 1]?.raw ?? '']
    return [characterBefore(before, before.length) ?? '', Array.from(after.slice(0, 2))[0] ?? '']
  }

  #tag(raw: string, marks: number): Piece[] {
    if (/^<[!?]/.test(raw)) return []
    const tag = tagOf(raw)
    if (!tag) return [{ text: raw, marks }]
    const { name, isEnd, address } = tag
    if (name === 'br') return [{ text: '\n', marks: 0 }]
    if (name === 'img') return [{ text: address, marks: 0 }]
    if (!isEnd) {
      if (name === 'a' || TAG_MARKS[name]) this.#tags.push({ name, address })
      return []
    }
    const begun = this.#tags.findLastIndex(other => other.name === name)
    const [ended] = begun < 0 ? [] : this.#tags.splice(begun, 1)
    return name === 'a' && ended && ended.address !== '' ? [{ text: ` (${ended.address})`, marks: 0 }] : []
  }
}

/**
 * Whether a sign is literal. `2*3*4` is a product and `a*b*c` a pattern, though Markdown reads the middle as emphasis. So one star
 * (or tilde) after a letter is literal, and two are literal within numbers.
 */
function isArithmetic(sign: string, [before, after]: readonly [string, string], raw: string): boolean {
  if (sign === '') return false
  const isWithin = before !== '' && (isWordy(before) || /[)\]]/.test(before))
  if (sign !== '**') return isWithin || /\d/.test(after)
  return isWithin && (/\d/.test(before) || /^\*\*\d+\*\*$/.test(raw))
}

/** A link whose text is its address is written once. Addresses get no marks. */
function linkOf(words: readonly Piece[], href: string): Piece[] {
  const address = withoutEntities(href)
  const text = words.map(piece => piece.text).join('')
  const isItself = [text, `mailto:${text}`, `http://${text}`].includes(address)
  if (isItself || text.trim() === '') return [{ text: isItself ? text : address.replace(/^mailto:/, ''), marks: 0 }]
  return address === '' ? [...words] : [...words, { text: ` (${address})`, marks: 0 }]
}
