import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { instantOf } from '../../../../client/command/since.ts'
import { createLiveLog } from '../../../../client/lists/live-log.ts'
import { turnLine } from '../../../../client/texts/turn-line.ts'
import { turnSchema, type WireTurn } from '../../../../plugin/contract/api/turns.ts'
import { plainText } from '../../../../plugin/contract/plain-text.ts'
import { HOSTILE, hiddenIn } from '../../../support/plain-texts.ts'
import { createScreen } from '../../../support/screen.ts'
import { wireMessage } from '../../../support/wire-message.ts'

const NOW = Date.UTC(2026, 0, 10)

describe('--since', () => {
  it.each([
    ['10m', NOW - 600_000],
    ['2h', NOW - 7_200_000],
    ['3d', NOW - 3 * 86_400_000],
    ['45s', NOW - 45_000],
    ['0m', NOW],
    ['999999d', NOW - 999_999 * 86_400_000],
    ['2026-01-02T15:00:00Z', Date.UTC(2026, 0, 2, 15)],
    ['2026-01-02T15:00:00.25+02:00', Date.UTC(2026, 0, 2, 13, 0, 0, 250)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('"%s" is that instant', (written, atMs) => {
    expect(instantOf(written, NOW)).toBe(atMs)
  })

  it.each([
    '',
    '10',
    'm',
    '-5m',
    '1.5h',
    '10 m',
    '10M',
    '1w',
    '1234567m',
    '٣d',
    'yesterday',
    '2026-01-02',
    '2026-01-02T15:00:00',
    '2026-01-02 15:00:00Z',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-02T25:00:00Z',
    '2026-01-02T15:00:00+0200',
    '1767366000',
  ])('"%s" is none', written => {
    expect(instantOf(written, NOW)).toBeNull()
  })

  it('takes every instant as the API writes it', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), at => {
        expect(instantOf(at.toISOString(), NOW)).toBe(at.getTime())
      }),
    )
  })
})

const turnOf = (more: Partial<WireTurn>): WireTurn => ({
  id: 'trn_1',
  account: 'default',
  message_id: 'msg_0001',
  agent: 'echo',
  status: 'answered',
  code: null,
  failure: null,
  attempt: 1,
  began_at: null,
  deadline_at: null,
  step: null,
  pieces: 1,
  waits_for: null,
  queued_at: '2026-01-05T10:00:01.000Z',
  next_at: null,
  ended_at: '2026-01-05T10:00:02.000Z',
  ...more,
})
const lineOf = (more: Partial<WireTurn>) => turnLine(turnOf(more), '+972500000002', (_colour, text) => text)

describe('how a turn ended, on one line', () => {
  it.each<[Partial<WireTurn>, string]>([
    [{ status: 'answered' }, '10:00:02 ↳ +972500000002: echo answered'],
    [{ status: 'no_reply' }, '10:00:02 ↳ +972500000002: echo sent no reply'],
    [{ status: 'cancelled', code: 'forgotten' }, '10:00:02 ↳ +972500000002: cancelled: forgotten'],
    [
      { status: 'dead_letter', code: 'agent_failed', attempt: 3 },
      '10:00:02 ↳ +972500000002: echo was given up after 3 attempts: agent_failed → agentcy-whatsapp turns retry trn_1',
    ],
    [
      { status: 'needs_operator', code: 'step_unknown', step: { number: 2, tool: 'service.restart' }, ended_at: null },
      '         ↳ +972500000002: echo needs a person: step_unknown, at step 2 (service.restart) → agentcy-whatsapp turns retry trn_1 --step repeat|skip',
    ],
    [
      { status: 'awaiting_approval', ended_at: null },
      '         ↳ +972500000002: echo waits for an approval → agentcy-whatsapp approvals list --status pending',
    ],
  ])('%j', (more, line) => {
    expect(lineOf(more)).toBe(line)
  })

  it('is told of each status but those of a turn that goes on', () => {
    const told = turnSchema.shape.status.options.filter(status => lineOf({ status }) !== null)
    expect(turnSchema.shape.status.options.filter(status => !told.includes(status))).toEqual(['queued', 'running'])
  })

  it.each(HOSTILE)('hides nothing by %s', (_, text) => {
    const line = lineOf({ status: 'needs_operator', agent: text, code: text, step: { number: 1, tool: text } }) ?? ''
    expect(hiddenIn(line)).toBeNull()
    expect(line).toContain(plainText(text))
  })
})

describe('a live log', () => {
  const open = (options: { account?: string; json?: boolean } = {}) => {
    const { terminal, written } = createScreen({})
    return { liveLog: createLiveLog({ terminal, options }), lines: () => written.out.trimEnd().split('\n') }
  }
  const [first, second] = [
    wireMessage({ id: 'msg_0001', text: 'one', received_at: '2026-01-04T10:00:00.000Z' }),
    wireMessage({ id: 'msg_0002', text: 'two' }),
  ]

  it('prints the past under its days, then what came meanwhile, each once and each turn below its message', () => {
    const { liveLog, lines } = open()
    liveLog.message(second)
    liveLog.turn(turnOf({}))
    liveLog.turn(turnOf({ id: 'trn_2', message_id: 'msg_0002', status: 'no_reply' }))
    liveLog.begin({ messages: [first, second], turns: [turnOf({})] })
    liveLog.message(second)
    expect(lines()).toEqual([
      '2026-01-04',
      '10:00:00 ← +972500000002: one [unmatched: no_binding]',
      '10:00:02 ↳ +972500000002: echo answered',
      '2026-01-05',
      '10:00:00 ← +972500000002: two [unmatched: no_binding]',
      '10:00:02 ↳ +972500000002: echo sent no reply',
    ])
  })

  it('tells of an end again only when the turn went on in between', () => {
    const { liveLog, lines } = open()
    liveLog.begin({ messages: [], turns: [] })
    liveLog.message(second)
    const failed = turnOf({ message_id: 'msg_0002', status: 'dead_letter' })
    for (const turn of [failed, failed, { ...failed, status: 'queued' as const }, failed]) liveLog.turn(turn)
    expect(lines().filter(line => line.includes('given up'))).toHaveLength(2)
    expect(liveLog.isMissing(failed)).toBe(false)
    expect(liveLog.isMissing({ ...failed, id: 'trn_2' })).toBe(true)
    expect(liveLog.isMissing(turnOf({ id: 'trn_3', message_id: 'msg_0009' }))).toBe(false)
  })

  it('names the message of a turn whose message came before it began', () => {
    const { liveLog, lines } = open()
    liveLog.begin({ messages: [], turns: [] })
    liveLog.turn(turnOf({}))
    expect(lines()).toEqual(['10:00:02 ↳ msg_0001: echo answered'])
  })

  it('of one account prints neither messages nor turns of another', () => {
    const { liveLog, lines } = open({ account: 'sales' })
    liveLog.begin({ messages: [first, { ...second, account: 'sales' }], turns: [turnOf({})] })
    liveLog.turn(turnOf({}))
    liveLog.message({ ...first, id: 'msg_0003' })
    expect(lines()).toEqual(['2026-01-05', '10:00:00 ← +972500000002: two [unmatched: no_binding]'])
  })

  it('as JSON prints messages and turns as the API has them, and nothing else', () => {
    const { liveLog, lines } = open({ json: true })
    liveLog.begin({ messages: [first, second], turns: [turnOf({})] })
    expect(lines().map(line => JSON.parse(line) as unknown)).toEqual([first, turnOf({}), second])
  })
})
