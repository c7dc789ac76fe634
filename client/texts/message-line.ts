import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import { inGroup, namedPerson } from './named-person.ts'
import { plainLine } from '../../plugin/contract/plain-text.ts'
import { fileWord, kindWords, TEXT_WITHHELD } from './kind-words.ts'
import type { Paint } from '../terminal/colour.ts'

/** A message on one line: time, sender or recipient, content, and outcome. */
export function messageLine(message: WireMessage, paint: Paint): string {
  const time = paint('dim', message.received_at.slice(11, 19))
  const isInbound = message.direction === 'inbound'
  const arrow = isInbound ? paint('green', '←') : paint('cyan', '→')
  const { claimed, mentions_all: toAll, gathered_in: head } = message
  const claims = [claimed.forwarded && '[forwarded]', toAll && '[to all]', head !== null && `[with ${head}]`]
  const about = message.quoted && quotedIn(message.quoted)
  const dim = (word: string | null | false): string[] => (word ? [paint('dim', word)] : [])
  const said = [
    ...dim(plainLine(kindWords(message.kind) ?? '')),
    ...claims.flatMap(dim),
    ...dim(about),
    ...dim(factsIn(message)),
    ...message.media.flatMap(file => dim(fileIn(file))),
    ...wordsIn(message),
  ]
  return [time, arrow, `${whereOf(message)}:`, ...said, ...dim(`[${plainLine(message.outcome)}]`)].join(' ')
}

/** The sender or the recipient, and the group. */
export function whereOf(message: WireMessage): string {
  const { direction, from, sender_name: name, to, group, group_subject: subject } = message
  if (direction === 'outbound') return namedPerson(to, subject)
  return inGroup(namedPerson(from, name), group, subject)
}

/** The text of a message. If a message without a text has no label and no file either, its text is withheld. */
function wordsIn({ kind, text, media }: WireMessage): string[] {
  if (text !== null) return [plainLine(text)]
  return kindWords(kind) === null && media.length === 0 ? [TEXT_WITHHELD] : []
}

const FACTS_LETTERS_MOST = 160

/** The details of a message that are not its text; null if there are none. */
function factsIn({ details, text }: WireMessage): string | null {
  const known = Object.entries(details ?? {}).filter(
    ([, value]) => value !== null && value !== '' && value !== text && !(Array.isArray(value) && value.length === 0),
  )
  const facts = known.map(([name, value]) => `${name.replaceAll('_', ' ')} ${wordOf(value)}`)
  return facts.length === 0 ? null : `(${plainLine(facts.join(', '), FACTS_LETTERS_MOST)})`
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function fileIn({ kind, file_name: name, problem }: WireMessage['media'][number]): string {
  return `[${[fileWord(kind), name, problem].flatMap(word => (word ? [plainLine(word)] : [])).join(' ')}]`
}

const QUOTED_LETTERS_MOST = 60

/** A short form of the quoted message. A trailing question mark means that only the sender claims that it was written. */
function quotedIn({ text, kind, from, media, claimed }: NonNullable<WireMessage['quoted']>): string {
  const [file] = media
  const what = text ?? (kind && kindWords(kind)) ?? (file ? fileWord(file.kind) : 'a message')
  return `[to ${plainLine(from ?? 'somebody')}: ${plainLine(what, QUOTED_LETTERS_MOST)}${claimed ? ' ?' : ''}]`
}
