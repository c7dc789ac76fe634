import type { Turn } from '../contract/host.ts'
import { plainText } from '../contract/plain-text.ts'
import { withoutRepeats } from './repeats.ts'
import type { Between } from '../formatting/content-parts.ts'

/** The part of an agent's error that is stored: its class, its code, and the first line of its message. */
export type AgentError = { readonly name: string | null; readonly code: string | null; readonly line: string | null }

const READ_MOST = 2_000
const SHOWN_MOST = 200
const NAME = /^[A-Za-z][\w.$-]{0,59}$/
const CUT = '…'

/** The part of a URL after the path may hold anything, and so may the user name and password before the host. */
const QUERY = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/giu
const ASKED_AS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/giu
/** Paths without a host have queries as well. */
const PATH_QUERY = /(\/[^\s?#"'<>]*)\?[^\s"'<>]*/gu
const NUMBER = /\+?\d(?:[\s().\-/]{0,2}\d){6,}/gu
/** Strings that people do not read: keys, tokens, hashes. */
const OPAQUE = /[A-Za-z0-9_\-+=]{24,}/gu
const ENCODED = /(?:%[0-9a-f]{2})+/giu

/**
 * Describes an error that an agent threw. The result contains nothing that was said in the turn, and nothing that an admin must not
 * see. `between` lets other work run, because the turn's texts may be long.
 */
export async function agentError(thrown: unknown, turn: Turn, between: Between): Promise<AgentError> {
  const { name, code, line } = readOf(thrown)
  const said = [name ?? '', code ?? '', line ?? '']
  const [ownName, ownCode, ownLine] = await withoutRepeats(said, textsOf(turn), between)
  const named = (own: string | undefined, was: string | null): string | null =>
    was !== null && own === was && masked(was) === was ? was : null
  return { name: named(ownName, name), code: named(ownCode, code), line: lineOf(ownLine ?? '') }
}

/** Agents may throw any value, and reading it may throw as well. */
function readOf(thrown: unknown): AgentError {
  try {
    if (!(thrown instanceof Error)) return { name: null, code: null, line: firstLineOf(String(thrown)) }
    const { name, message } = thrown
    return { name: nameOf(name), code: codeOf(thrown), line: firstLineOf(message) }
  } catch {
    return { name: null, code: null, line: null }
  }
}

const nameOf = (value: unknown): string | null => (typeof value === 'string' && NAME.test(value) ? value : null)

/** The error on one line; null if nothing of it may be shown. */
export function agentErrorLine({ name, code, line }: AgentError): string | null {
  const called = [name, code].filter(part => part !== null).join(' ')
  return [called, line].filter(part => part !== null && part !== '').join(': ') || null
}

/** The code of an error, or of one of its causes. */
function codeOf(thrown: Error): string | null {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const code = nameOf('code' in at ? at.code : null)
    if (code !== null) return code
  }
  return null
}

function firstLineOf(said: string): string | null {
  const first = said
    .slice(0, READ_MOST)
    .split(/[\r\n\u0085\u2028\u2029]/u)
    .find(line => line.trim() !== '')
  return first?.replaceAll(ENCODED, decoded).normalize('NFKC') ?? null
}

const masked = (line: string): string =>
  line
    .replaceAll(QUERY, `$1?${CUT}`)
    .replaceAll(PATH_QUERY, `$1?${CUT}`)
    .replaceAll(ASKED_AS, `$1${CUT}@`)
    .replaceAll(OPAQUE, CUT)
    .replaceAll(NUMBER, CUT)

function lineOf(own: string): string | null {
  const line = plainText(masked(own)).replaceAll(/\s+/gu, ' ').trim()
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

/** All texts that the agent was given: those of messages, names of files, and names of senders. */
function textsOf({ message, conversation, facts }: Turn): string[] {
  const contents = [message.content, ...message.pieces.map(({ content }) => content)].map(content =>
    JSON.stringify(content),
  )
  const files = message.pieces.flatMap(piece => piece.files).flatMap(({ artifact }) => artifact?.fileName ?? [])
  const said = conversation.flatMap(({ text, senderName }) => [text, senderName ?? ''])
  const all = [message.text, ...contents, ...files, ...said, facts.senderName ?? '', facts.quoted?.text ?? '']
  return all.filter(text => text !== '')
}
