import { Marked, type Token, Tokenizer, type TokenizerAndRendererExtension } from 'marked'

/** The longest emphasis. The parser looks no further for its end, because otherwise a line of stars takes it hours. */
const EMPHASIS_LETTERS_MOST = 1_000
/** A portion of Markdown ends with the first paragraph after this many characters. */
const PORTION_LETTERS = 4_000
/** A portion with more characters than this outside of code is not parsed as Markdown. */
const PORTION_LETTERS_MOST = 16_000
/** A portion with more characters than this, code included, is not parsed as Markdown. */
const CODE_LETTERS_MOST = 64_000
const FENCE = /^ {0,3}(?:```[^`]*|~~~.*)$/

/** `**Note:**Text`: Markdown ends no emphasis between a punctuation mark and a letter, but people who write this mean one. */
const labels: TokenizerAndRendererExtension = {
  name: 'label',
  level: 'inline',
  start: source => source.indexOf('**'),
  tokenizer(source) {
    const found = /^\*\*(?![\s*])([^*\\`\n]{1,200}[:.!?,;…：。！？，；、）」』”)])\*\*(?=[\p{L}\p{N}])/u.exec(source)
    const text = found?.[1] ?? ''
    if (!found || text.split('(').length !== text.split(')').length) return undefined
    return { type: 'strong', raw: found[0], text, tokens: this.lexer.inlineTokens(text) }
  },
}

class BoundedTokenizer extends Tokenizer {
  override emStrong(source: string, masked: string, before?: string): ReturnType<Tokenizer['emStrong']> {
    const here = masked.slice(masked.length - source.length, masked.length - source.length + EMPHASIS_LETTERS_MOST)
    return super.emStrong(source.slice(0, EMPHASIS_LETTERS_MOST), here, before)
  }
}

const marked = new Marked({ gfm: true, extensions: [labels] })

/** A portion of Markdown with its tokens; null if it is not parsed, and is sent as it is. */
export type Portion = { readonly text: string; readonly tokens: readonly Token[] | null }

/** Splits Markdown into portions and parses each. The time grows with the length, whatever the text is. */
export function portionsOf(markdown: string): Portion[] {
  return portions(markdown.split('\n')).map(({ text, isProse }) => ({ text, tokens: isProse ? tokensOf(text) : null }))
}

/** Parses text again as blocks that the parser took for HTML, although it is none. */
export const blockTokensOf = (text: string): Token[] => lexer().lex(`\\${text}`)

/** The tokens of a line. */
export const inlineTokensOf = (text: string): Token[] => lexer().inlineTokens(text)

const lexer = () => new marked.Lexer({ ...marked.defaults, tokenizer: new BoundedTokenizer() })

function tokensOf(text: string): Token[] | null {
  try {
    return lexer().lex(text)
  } catch (error) {
    // A thousand nested brackets exceed the parser's stack.
    if (!(error instanceof RangeError)) throw error
    return null
  }
}

function portions(lines: readonly string[]): { text: string; isProse: boolean }[] {
  const found: { text: string; isProse: boolean }[] = []
  let [from, letters, prose, isFenced] = [0, 0, 0, false]
  for (const [index, line] of lines.entries()) {
    if (FENCE.test(line)) isFenced = !isFenced
    letters += line.length + 1
    if (!isFenced) prose += line.length + 1
    const isEnd = index === lines.length - 1
    const isParagraph = !isFenced && line.trim() === '' && !/^\s/.test(lines[index + 1] ?? '')
    if (!isEnd && !(isParagraph && letters >= PORTION_LETTERS)) continue
    const isProse = prose <= PORTION_LETTERS_MOST && letters <= CODE_LETTERS_MOST
    found.push({ text: lines.slice(from, index + 1).join('\n'), isProse })
    ;[from, letters, prose] = [index + 1, 0, 0]
  }
  return found
}
