import { encodeBinaryNode, type BinaryNode } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'

import { answerKinds, LOGIN_ANSWERS, type AnswerKind } from './answer-kinds.ts'
import type { JournalTown } from './journal-town.ts'
import { describe, isAnswered, isFault, readable, USUAL, type Cursor } from './malformed-line.ts'
import { malformed } from './malformed-stanza.ts'

/** What is written in answer to one query. */
export type Answer = readonly ('right' | Uint8Array)[]

/** What became of a gateway whose queries were answered so. */
export type Aftermath = {
  /** How often its questions ended how, as far as those who asked can see it. */
  readonly ends: Readonly<Record<string, number>>
  /** What it said that nobody had asked of it, by tag, queries by type and namespace. */
  readonly saidBesides: readonly string[]
  /** How often it asked for each answer that it was to get, on the average. */
  readonly asked: number
  readonly faults: readonly string[]
  readonly states: readonly string[]
}

/** So many malformed answers; each has the query's id, so that it is its answer. */
export async function malformedAnswers(good: BinaryNode, count: number, seed: number): Promise<Answer[]> {
  const samples = fc.sample(malformed(good), { numRuns: count, seed })
  const named = samples.map(({ stanza }) => ({ ...stanza, attrs: { ...stanza.attrs, id: '#' } }))
  return (await readable(named.map(each => encodeBinaryNode(each)))).map(each => [each])
}

/** Has the gateway ask, so often and each time be answered so; then a good message is read and answered. */
export async function answeredSo(town: JournalTown, kind: AnswerKind, answers: readonly Answer[]): Promise<Aftermath> {
  const { network, gateway, owner } = town
  const cursor: Cursor = { at: 0 }
  await isAnswered(town, cursor)
  const [events, lines] = [gateway.events.length, gateway.lines.length]
  // From here on it is counted.
  await network.faults.write(owner, [])
  const ends: Record<string, number> = {}
  for (const [index, answer] of answers.entries()) {
    const end = await askOnce(town, kind, { index, answer })
    if (end !== null) ends[end] = (ends[end] ?? 0) + 1
  }
  const said = await network.faults.said()
  await isAnswered(town, cursor)
  const other = Object.keys(said).filter(each => !USUAL.has(each) && !kind.says.includes(each))
  return {
    ends,
    saidBesides: other,
    asked: (said[kind.says[0] ?? ''] ?? 0) / answers.length,
    faults: gateway.lines.slice(lines).filter(isFault).map(describe),
    states: gateway.events.slice(events).flatMap(each => (each.event === 'connection' ? [each.state.status] : [])),
  }
}

async function askOnce(
  town: JournalTown,
  { asked, ask }: AnswerKind,
  { index, answer }: { readonly index: number; readonly answer: Answer },
): Promise<string | null> {
  const { network, owner } = town
  await network.faults.answers(owner, { asked, answers: [answer] })
  const end = await ask(town, index)
  await network.ledgerWhen(page => (page.answered_as_planned[asked] ?? 0) > index, 30_000)
  return end
}

/** The same for all that is asked at each of so many logins. */
export async function answeredSoAtLogin(town: JournalTown, logins: number, seed: number): Promise<Aftermath> {
  const { gateway, network, owner } = town
  const all = await Promise.all(
    Object.entries(LOGIN_ANSWERS).map(async ([asked, good]) => ({
      asked,
      answers: await malformedAnswers(good, logins, seed),
    })),
  )
  const kind: AnswerKind = {
    asked: 'passive active',
    good: LOGIN_ANSWERS['passive active'] ?? fail(),
    says: LOGIN_SAYS,
    ask: async (_town, index) => {
      for (const { asked, answers } of all) {
        const answer = answers[index % answers.length]
        if (answer && asked !== 'passive active') await network.faults.answers(owner, { asked, answers: [answer] })
      }
      await gateway.supervisor.call('account.close', gateway.account)
      const after = gateway.events.length
      await gateway.open()
      await gateway.connection('connected', after)
      return 'connected'
    },
  }
  return answeredSo(town, kind, await malformedAnswers(kind.good, logins, seed))
}

const LOGIN_SAYS = [
  'presence',
  'ib',
  'iq get encrypt',
  'iq set encrypt',
  'iq set passive',
  'iq get abt',
  'iq get blocklist',
  'iq get privacy',
]

/** So many of each kind. */
export async function malformedAnswersTo(
  town: JournalTown,
  { name, count, seed }: { readonly name: string; readonly count: number; readonly seed: number },
): Promise<Aftermath> {
  const kind = answerKinds(town)[name] ?? fail()
  return answeredSo(town, kind, await malformedAnswers(kind.good, count, seed))
}

function fail(): never {
  throw new TypeError('no such kind')
}
