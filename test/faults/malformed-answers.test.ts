import { encodeBinaryNode, type BinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import { ANSWER_KINDS, answerKinds, say, type AnswerKind } from '../support/answer-kinds.ts'
import { townsInTurn } from '../support/journal-town.ts'
import { isAnswered, isFault } from '../support/malformed-line.ts'
import type { LedgerPage } from '../support/network.ts'
import { answeredSo, answeredSoAtLogin, malformedAnswersTo, type Answer } from '../support/malformed-answers.ts'

const nextTown = townsInTurn()

/** The long story has 20,000 of them. */
const EACH = 40
const LOGINS = 12

const CALM = { saidBesides: [], faults: [], states: [] }
const iq = (attrs: Record<string, string>, content?: BinaryNode[]): Uint8Array =>
  encodeBinaryNode({ tag: 'iq', attrs: { id: '#', from: '@s.whatsapp.net', ...attrs }, ...(content && { content }) })

const EMPTY: Answer = [iq({ type: 'result' })]

it.each(ANSWER_KINDS)(
  'malformed answers about %s: the line stays, nothing throws, and a good message is answered',
  async (name, ends, most) => {
    await using town = await nextTown()
    const {
      ends: ended,
      asked,
      ...calm
    } = await malformedAnswersTo(town, { name, count: Math.min(EACH, most), seed: 1 })
    expect(calm).toEqual(CALM)
    expect(Object.keys(ended).filter(end => !ends.includes(end))).toEqual([])
    expect(asked).toBeLessThan(5)
  },
)

it('malformed answers to what is asked at a login: the account is connected, nothing throws, and a good message is answered', async () => {
  await using town = await nextTown()
  const { ends, saidBesides, faults } = await answeredSoAtLogin(town, LOGINS, 1)
  expect({ ends: Object.keys(ends), saidBesides, faults }).toEqual({ ends: ['connected'], saidBesides: [], faults: [] })
})

describe('an answer that is an error, that comes twice, or that is empty', () => {
  const refused = iq({ type: 'error' }, [{ tag: 'error', attrs: { code: '500', text: 'internal' } }])
  const answers: Answer[] = [[refused], ['right', 'right'], [refused, 'right'], EMPTY]
  it.each(ANSWER_KINDS)('about %s', async (name, ends) => {
    await using town = await nextTown()
    const kind = answerKinds(town)[name]
    if (!kind) throw new TypeError('no kind')
    const { ends: ended, asked, ...calm } = await answeredSo(town, kind, answers)
    expect(calm).toEqual(CALM)
    expect(Object.keys(ended).filter(end => !ends.includes(end))).toEqual([])
    expect(asked).toBeLessThan(5)
  })
})

it('what is answered without any app state is not asked for without end, and what is said goes out', async () => {
  await using town = await nextTown()
  const kind = answerKinds(town)['app state']
  if (!kind) throw new TypeError('no kind')
  const { asked, ...calm } = await answeredSo(town, asksUntilItEnds(kind), [EMPTY])
  expect(calm).toEqual({ ...CALM, ends: { sent: 1 } })
  expect(asked).toBe(4)
})

/** What made it ask is acknowledged when the synchronisation has ended. */
const asksUntilItEnds = (kind: AnswerKind): AnswerKind => ({
  ...kind,
  says: [...kind.says, 'message', 'iq set privacy'],
  ask: async (town, index) => {
    const acksIn = ({ acked }: LedgerPage): number => acked['notification'] ?? 0
    const { network, owner } = town
    const before = acksIn(await network.ledger())
    await network.faults.answers(owner, { asked: kind.asked, answers: Array<Answer>(100).fill(EMPTY) })
    await kind.ask(town, index)
    await network.ledgerWhen(page => acksIn(page) > before, 30_000)
    return say(town)
  },
})

describe('a question that is not answered', () => {
  const others: [string, Answer][] = [
    ['at all', []],
    ['under its own id', [iq({ id: 'X1', type: 'result' })]],
  ]
  it.each(others)('%s lets a send end without a word, and the next one goes out', async (_how, answer) => {
    await using town = await nextTown({ lineTimes: { ackPatienceMs: 2_000 } })
    const { network, gateway, owner } = town
    const lines = gateway.lines.length
    for (const name of ['devices', 'keys', 'app state']) {
      const kind = answerKinds(town)[name]
      if (!kind) throw new TypeError('no kind')
      await network.faults.answers(owner, { asked: kind.asked, answers: [answer] })
      const after = gateway.events.length
      expect([name, (await kind.ask(town, 0)) ?? (await say(town))]).toEqual([name, 'unknown'])
      await gateway.connection('connected', after)
      await isAnswered(town, { at: 0 })
    }
    expect(gateway.lines.slice(lines).filter(isFault)).toEqual([])
  })

  it('in time ends for whoever asked, and what comes late is nobody’s', async () => {
    await using town = await nextTown()
    const { network, gateway, owner } = town
    const [events, lines] = [gateway.events.length, gateway.lines.length]
    const asked = ['a number', 'a ping'].map(async name => {
      const kind = answerKinds(town)[name]
      if (!kind) throw new TypeError('no kind')
      await network.faults.answers(owner, { asked: kind.asked, answers: [['right', 'right']], held: true })
      return kind.ask(town, 0)
    })
    expect(await Promise.all(asked)).toEqual(['unanswered', 'gateway_unreachable'])
    expect(await network.faults.releaseAnswers(owner)).toBe(2)
    await isAnswered(town, { at: 0 })
    expect(gateway.lines.slice(lines).filter(isFault)).toEqual([])
    expect(gateway.events.slice(events).filter(({ event }) => event === 'connection')).toEqual([])
  })
})
