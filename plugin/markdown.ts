import { Lexer, type Token, type Tokens } from 'marked'

/**
 * What an agent wrote in Markdown, in the marks that WhatsApp knows: `*bold*`, `_italic_`, `~strike~`, code, lists and
 * quotations. What has no mark there is said in words: a heading is bold, a link is its text and its address.
 */
export function whatsAppMarks(markdown: string): string {
  // Definitions alone are no text to Markdown; whoever wrote them said something.
  return blocks(new Lexer({ gfm: true }).lex(markdown)).trim() || markdown.trim()
}

const blocks = (tokens: readonly Token[]): string => tokens.map(block).join('')

function block(token: Token): string {
  const { type } = token
  if (isOf<Tokens.Heading>(token, 'heading')) return `*${plain(token.tokens)}*\n\n`
  if (isOf<Tokens.Paragraph>(token, 'paragraph')) return `${inline(token.tokens)}\n\n`
  if (isOf<Tokens.Code>(token, 'code')) return `${code(token)}\n\n`
  if (isOf<Tokens.Blockquote>(token, 'blockquote')) return `${quoted(blocks(token.tokens).trim())}\n\n`
  if (isOf<Tokens.List>(token, 'list')) return `${list(token)}\n\n`
  if (isOf<Tokens.Table>(token, 'table')) return `${table(token)}\n\n`
  if (type === 'hr') return '———\n\n'
  if (type === 'space') return ''
  // Only in lists stands text that is in no paragraph.
  return isOf<Tokens.Text>(token, 'text') ? `${token.tokens ? inline(token.tokens) : token.text}\n` : token.raw
}

const isOf = <Kind extends Token>(token: Token, type: Kind['type']): token is Kind => token.type === type

/** A fence that nothing follows is what somebody wrote, and no code. */
const code = ({ text, raw }: Tokens.Code): string => (text.trim() === '' ? raw.trim() : `\`\`\`\n${text}\n\`\`\``)

const quoted = (text: string): string => text.replace(/^/gm, '> ')

function list({ items, ordered, start }: Tokens.List): string {
  const marked = items.map(({ tokens, task, checked }, index) => {
    const mark = ordered ? `${Number(start || 1) + index}.` : '-'
    const box = task ? (checked ? '☑ ' : '☐ ') : ''
    // A list within a list is seen as one by its indent alone.
    return `${mark} ${box}${blocks(tokens).trim().replace(/\n+/g, '\n').replace(/\n/g, '\n  ')}`
  })
  return marked.join('\n')
}

function table({ header, rows }: Tokens.Table): string {
  const line = (cells: readonly Tokens.TableCell[]): string => cells.map(({ tokens }) => plain(tokens)).join(' | ')
  return [`*${line(header)}*`, ...rows.map(line)].join('\n')
}

const inline = (tokens: readonly Token[]): string => tokens.map(span).join('')

function span(token: Token): string {
  if (isOf<Tokens.Strong>(token, 'strong')) return `*${inline(token.tokens)}*`
  if (isOf<Tokens.Em>(token, 'em')) return `_${inline(token.tokens)}_`
  if (isOf<Tokens.Del>(token, 'del')) return `~${inline(token.tokens)}~`
  if (isOf<Tokens.Codespan>(token, 'codespan')) return `\`${token.text}\``
  if (isOf<Tokens.Link>(token, 'link')) return link(inline(token.tokens), token.href)
  if (isOf<Tokens.Image>(token, 'image')) return link(token.text, token.href)
  if (token.type === 'br') return '\n'
  if (isOf<Tokens.Escape>(token, 'escape')) return token.text
  return isOf<Tokens.Text>(token, 'text') ? (token.tokens ? inline(token.tokens) : token.text) : token.raw
}

/** An address that is its own text is said once. */
const link = (text: string, href: string): string =>
  text === '' || text === href || `mailto:${text}` === href ? href.replace(/^mailto:/, '') : `${text} (${href})`

/** The same without any marks, for what is marked as a whole. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map(token =>
      'tokens' in token && token.tokens ? plain(token.tokens) : 'text' in token ? String(token.text) : token.raw,
    )
    .join('')
}
