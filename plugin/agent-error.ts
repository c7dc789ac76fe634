import type { Turn } from './contract/host.ts'
import { plainText } from './contract/plain-text.ts'

/** What an agent threw, as far as it is kept: its class, what it calls itself, and the first line of what it says. */
export type AgentError = { readonly name: string | null; readonly code: string | null; readonly line: string | null }

const READ_MOST = 2_000
const SHOWN_MOST = 200
/** What repeats so many characters of what was written is a word of somebody's. */
const REPEATED = 8
const NAME = /^[A-Za-z][\w.$-]{0,59}$/
const CUT = '…'

/** The part of an address behind the path may hold anything, and so may who it is asked as. */
const QUERY = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/giu
const ASKED_AS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/giu
/** Paths alone have queries as well. */
const PATH_QUERY = /(\/[^\s?#"'<>]*)\?[^\s"'<>]*/gu
const NUMBER = /\+?\d(?:[\s().\-/]{0,2}\d){6,}/gu
/** What nobody reads: a key, a token, a hash. */
const OPAQUE = /[A-Za-z0-9_\-+=]{24,}/gu
const ENCODED = /(?:%[0-9a-f]{2})+/giu

/** What an agent threw. Nothing that was said in the turn is in it, and nothing that it would not do to show an admin. */
export function agentError(thrown: unknown, turn: Turn): AgentError {
  const texts = textsOf(turn)
  const named = (value: unknown): string | null =>
    typeof value === 'string' && NAME.test(value) && withoutRepeated(value, texts) === value ? value : null
  try {
    if (!(thrown instanceof Error)) return { name: null, code: null, line: lineOf(String(thrown), texts) }
    const { name, message } = thrown
    return { name: named(name), code: codeOf(thrown, named), line: lineOf(message, texts) }
  } catch {
    // It may be anything, and throw as it is read.
    return { name: null, code: null, line: null }
  }
}

/** On one line; null when nothing of it may be shown. */
export function agentErrorLine({ name, code, line }: AgentError): string | null {
  const called = [name, code].filter(part => part !== null).join(' ')
  return [called, line].filter(part => part !== null && part !== '').join(': ') || null
}

/** What an error, or what brought it about, calls itself. */
function codeOf(thrown: Error, named: (value: unknown) => string | null): string | null {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const code = named('code' in at ? at.code : null)
    if (code !== null) return code
  }
  return null
}

function lineOf(said: string, texts: readonly string[]): string | null {
  const first = said
    .slice(0, READ_MOST)
    .split(/[\r\n\u0085\u2028\u2029]/u)
    .find(line => line.trim() !== '')
  if (first === undefined) return null
  const own = withoutRepeated(first.replaceAll(ENCODED, decoded).normalize('NFKC'), texts)
  const masked = own
    .replaceAll(QUERY, `$1?${CUT}`)
    .replaceAll(PATH_QUERY, `$1?${CUT}`)
    .replaceAll(ASKED_AS, `$1${CUT}@`)
    .replaceAll(OPAQUE, CUT)
    .replaceAll(NUMBER, CUT)
  const line = plainText(masked).replaceAll(/\s+/gu, ' ').trim()
  if (!/[\p{L}\p{N}]/u.test(line)) return null
  return line.length > SHOWN_MOST ? `${line.slice(0, SHOWN_MOST - 1).trimEnd()}${CUT}` : line
}

function decoded(given: string): string {
  try {
    return decodeURIComponent(given)
  } catch {
    return CUT
  }
}

/** All that anybody has said which the agent was handed. */
function textsOf({ message, conversation, facts }: Turn): string[] {
  const contents = [message.content, ...message.pieces.map(({ content }) => content)].map(content =>
    JSON.stringify(content),
  )
  const files = message.pieces.flatMap(piece => piece.files).flatMap(({ artifact }) => artifact?.fileName ?? [])
  const said = conversation.flatMap(({ text, senderName }) => [text, senderName ?? ''])
  const all = [message.text, ...contents, ...files, ...said, facts.senderName ?? '', facts.quoted?.text ?? '']
  return all.filter(text => text !== '').map(text => text.normalize('NFKC').toLowerCase())
}

/** The same without whatever repeats so many characters of the texts, be it with other blanks and signs between them. */
function withoutRepeated(line: string, texts: readonly string[]): string {
  const whole = texts.join('\n')
  const bare = texts.map(text => text.replaceAll(/[^\p{L}\p{N}]/gu, '')).join('\n')
  const letters = Array.from(line, (char, at) => ({ char: char.toLowerCase(), at }))
  const repeated = new Set<number>()
  for (const [from, text] of [
    [letters, whole],
    [letters.filter(({ char }) => /[\p{L}\p{N}]/u.test(char)), bare],
  ] as const)
    for (let begin = 0; begin + REPEATED <= from.length; begin += 1) {
      const run = from.slice(begin, begin + REPEATED)
      if (!text.includes(run.map(({ char }) => char).join(''))) continue
      for (let at = run[0]?.at ?? 0; at <= (run.at(-1)?.at ?? -1); at += 1) repeated.add(at)
    }
  const kept = Array.from(line, (char, at) => (repeated.has(at) ? (repeated.has(at - 1) ? '' : CUT) : char))
  return kept.join('')
}
