import type { Evidence, Row } from './evidence.ts'
import type { Said } from './story.ts'

/** What must never be, found. */
export type Violation = {
  readonly oracle: 'Q1' | 'Q2' | 'Q3' | 'Q4' | 'Q5' | 'Q6' | 'Q7' | 'Q8' | 'Q9' | 'Q10'
  readonly what: string
}

type Oracle = (evidence: Evidence) => string[]

const OPEN_OUTCOMES = new Set(['matched', 'accepted', 'undecryptable'])
const OPEN_TURNS = new Set(['queued', 'running'])
const OPEN_SENDS = new Set(['accepted'])
const ACKNOWLEDGED = new Set(['sent', 'delivered', 'read'])

/** reliability.md §3.1: each is empty for a run that kept every promise. */
const ORACLES: Readonly<Record<Violation['oracle'], Oracle>> = {
  Q1: lost,
  Q2: ghosts,
  Q3: doubleRuns,
  Q4: wrongEffects,
  Q5: lostSends,
  Q6: doubleSends,
  Q7: outOfOrder,
  Q8: unaccounted,
  Q9: undecryptable,
  Q10: unfinished,
}

/** Asks every oracle; an empty answer means that nothing was lost, doubled, invented or left lying. */
export function violations(evidence: Evidence): Violation[] {
  return Object.entries(ORACLES).flatMap(([oracle, ask]) =>
    ask(evidence).map(what => ({ oracle: oracle as Violation['oracle'], what })),
  )
}

function inboundRows({ rows }: Evidence): Map<string, Row> {
  return new Map(rows.filter(({ direction }) => direction === 'inbound').map(row => [row.stanzaId, row]))
}

/** Acknowledged, and no terminal record of it, or one that does not hold what was said. */
function lost(evidence: Evidence): string[] {
  const kept = inboundRows(evidence)
  return evidence.said.flatMap(({ id, kind, chat }) => {
    if ((evidence.records.get(id)?.settlements ?? 0) === 0) return []
    const row = kept.get(id)
    if (!row) return [`${kind} in ${chat} was acknowledged and is in no row`]
    if (OPEN_OUTCOMES.has(row.outcome)) return [`${kind} in ${chat} never got beyond "${row.outcome}"`]
    const isReadable = !row.content.includes('"undecryptable"')
    return isReadable ? [] : [`${kind} in ${chat} was acknowledged and stays undecryptable: "${row.outcome}"`]
  })
}

function ghosts(evidence: Evidence): string[] {
  const said = new Set(evidence.said.map(({ id }) => id))
  return [...inboundRows(evidence).values()]
    .filter(({ stanzaId }) => !said.has(stanzaId))
    .map(({ outcome }) => `a row that nobody said: "${outcome}"`)
}

function doubleRuns(evidence: Evidence): string[] {
  const kept = inboundRows(evidence)
  return evidence.said.flatMap(said => {
    const row = kept.get(said.id)
    const about = new Set(piecesOf(evidence, said).flatMap(({ id }) => kept.get(id)?.id ?? []))
    const runs = evidence.turns.filter(({ messageId }) => about.has(messageId)).length
    const wanted = said.agent === null ? 0 : 1
    const wrong = row && runs !== wanted ? [`${said.kind} in ${said.chat} has ${runs} turns instead of ${wanted}`] : []
    return [...wrong, ...repliesTo(evidence, said)]
  })
}

/** All messages of the question that one is a piece of, in the order in which they were said. */
const piecesOf = ({ said }: Evidence, one: Said): Said[] =>
  one.question === undefined ? [one] : said.filter(({ question }) => question === one.question)

/** An edit is answered for with its message: it has no reply of its own, and may have come before that one was made. */
function repliesTo(evidence: Evidence, said: Said): string[] {
  const { id, agent, chat, kind, edits, question } = said
  // A question in pieces is answered with its first.
  if (said.text === '' || edits !== undefined || (question ?? id) !== id) return []
  const text = piecesOf(evidence, said)
    .map(piece => piece.text)
    .join('\n')
  const edited = evidence.said.flatMap(each => (each.edits === id ? [each.text] : []))
  const texts = [agent === 'bookkeeper' ? `In the book: ${text}` : text, ...edited]
  const wanted = agent === null ? 0 : 1
  return (evidence.listeners.get(chat) ?? []).flatMap(listener => {
    const replies = evidence.heard.filter(heard => heard.by === listener && isOurs(heard))
    const times = replies.filter(heard => texts.includes(heard.text)).length
    return times === wanted ? [] : [`${listener} heard the reply to a ${kind} ${times} times instead of ${wanted}`]
  })
}

const isOurs = ({ from, own }: Evidence['heard'][number]): boolean => from === 'owner' && !own

/** What the bookkeeper was asked to write is written once, and nothing else is. */
function wrongEffects(evidence: Evidence): string[] {
  const kept = inboundRows(evidence)
  const turnOf = new Map(evidence.turns.map(({ messageId, id }) => [messageId, id]))
  const asked = evidence.said
    .filter(({ agent }) => agent === 'bookkeeper')
    .map(({ id }) => turnOf.get(kept.get(id)?.id ?? '') ?? `of ${id}`)
  return [...new Set([...asked, ...evidence.effects])].flatMap(key => {
    const times = evidence.effects.filter(each => each === key).length
    const wanted = asked.includes(key) ? 1 : 0
    return times === wanted ? [] : [`the effect ${key} happened ${times} times instead of ${wanted}`]
  })
}

function lostSends({ asked, sends, heard }: Evidence): string[] {
  return asked.flatMap(({ key, to, text, answers }) => {
    const row = sends.find(({ id }) => id === answers[0])
    if (answers.length === 0) return [`send ${key} was never accepted`]
    if (!row) return [`send ${key} was accepted and is in no row`]
    if (OPEN_SENDS.has(row.status)) return [`send ${key} never got beyond "${row.status}"`]
    const isHeard = heard.some(each => each.by === to && each.text === text)
    return ACKNOWLEDGED.has(row.status) && !isHeard ? [`send ${key} is "${row.status}" and ${to} never heard it`] : []
  })
}

function doubleSends({ asked, sends, heard, records }: Evidence): string[] {
  const doubled = asked.flatMap(({ key, to, text, answers }) => {
    const ids = new Set(heard.filter(each => each.by === to && each.text === text).map(({ id }) => id))
    const twice = ids.size > 1 ? [`send ${key} reached ${to} under ${ids.size} ids`] : []
    return new Set(answers).size > 1 ? [...twice, `send ${key} was accepted as ${new Set(answers).size} sends`] : twice
  })
  const twoTexts = sends.filter(({ stanzaId }) => {
    const texts = heard.filter(({ id }) => id === stanzaId).map(({ text }) => text)
    return new Set(texts).size > 1
  })
  const again = sends.filter(({ stanzaId }) => (records.get(stanzaId)?.acks ?? []).slice(0, -1).some(isRefusal))
  return [
    ...doubled,
    ...twoTexts.map(({ id }) => `${id} carries two texts under one id`),
    ...again.map(({ id }) => `${id} went out again after it was refused`),
  ]
}

const isRefusal = (ack: string): boolean => ack !== 'ok'

/** Turns of one chat begin in the order in which its messages were said. */
function outOfOrder(evidence: Evidence): string[] {
  const kept = inboundRows(evidence)
  const placeOf = new Map(evidence.turns.map(({ messageId, place }) => [messageId, place]))
  const lastOf = new Map<string, number>()
  return evidence.said.flatMap(({ id, chat, kind }) => {
    const place = placeOf.get(kept.get(id)?.id ?? '')
    if (place === undefined) return []
    const before = lastOf.get(chat) ?? -1
    lastOf.set(chat, Math.max(before, place))
    return place > before ? [] : [`the turn of a ${kind} in ${chat} began before that of an earlier message`]
  })
}

function unaccounted(evidence: Evidence): string[] {
  const kept = inboundRows(evidence)
  const missing = evidence.said.filter(({ id }) => !kept.has(id))
  return missing.length === 0
    ? []
    : [
        `${evidence.said.length} stanzas, ${missing.length} without an outcome: ${missing.map(({ kind }) => kind).join()}`,
      ]
}

function undecryptable(evidence: Evidence): string[] {
  const asked = evidence.said.filter(({ id }) => (evidence.records.get(id)?.retries ?? 0) > 0)
  return [
    ...evidence.undecryptable.map(({ by, why }) => `${by} cannot decrypt what we sent: ${why}`),
    ...asked.map(({ kind, chat }) => `we asked again for a ${kind} in ${chat} that we had received`),
  ]
}

function unfinished({ queued, rows, turns, sends }: Evidence): string[] {
  const open = [
    ...rows.filter(({ outcome }) => OPEN_OUTCOMES.has(outcome)).map(({ outcome }) => `message "${outcome}"`),
    ...turns.filter(({ status }) => OPEN_TURNS.has(status)).map(({ status }) => `turn "${status}"`),
    ...sends.filter(({ status }) => OPEN_SENDS.has(status)).map(({ status }) => `send "${status}"`),
  ]
  const left = open.length === 0 ? [] : [`still open: ${open.join(', ')}`]
  return queued === 0 ? left : [...left, `the network still holds ${queued} stanzas for us`]
}
