import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Act, actsOf } from '../../../plugin/web/audit/acts.ts'
import type { AuditEntry } from '../../../plugin/web/audit/entry.ts'

type Told = Partial<Pick<AuditEntry, 'user_id' | 'category' | 'action' | 'decision' | 'resource'>> & {
  readonly request?: string
}

const entry = (seq: number, { request = 'req_1', ...told }: Told): AuditEntry => ({
  id: `aud_${seq}`,
  seq,
  ts: '2026-01-02T03:04:05.000Z',
  user_id: 'usr_1',
  category: 'channel',
  action: 'binding.create',
  decision: 'allow',
  resource: { channel: 'whatsapp', id: 'bnd_1' },
  rule: null,
  input: {},
  ...told,
  context: { request_id: request, latency_ms: null },
})

const CALL: Told = { category: 'policy', resource: { channel: 'whatsapp', procedure: 'bindings.create' } }
const DONE: Told = {}

/** What is told, in the order of the log; and the lines of it, newest first, as `entry` or `entry<call`. */
const STORIES: Readonly<Record<string, readonly [readonly Told[], readonly string[]]>> = {
  'a call and what came of it': [[CALL, DONE], ['2<1']],
  'a call of which nothing came': [[CALL], ['1']],
  'what was done without a call': [[DONE], ['1']],
  'a call that was denied, and another that was not': [
    [{ ...CALL, decision: 'deny' }, CALL, DONE],
    ['3<2', '1'],
  ],
  'a call that was denied, while another is under way': [
    [CALL, { ...CALL, decision: 'deny' }, DONE],
    ['3<1', '2'],
  ],
  'a call that was denied, after one of which nothing came': [
    [CALL, { ...CALL, decision: 'deny' }],
    ['2', '1'],
  ],
  'what another did': [
    [CALL, { ...DONE, user_id: 'usr_2' }],
    ['2', '1'],
  ],
  'what another request did': [
    [CALL, { ...DONE, request: 'req_2' }],
    ['2', '1'],
  ],
  'another action of the same request': [
    [CALL, { ...DONE, action: 'binding.update' }],
    ['2', '1'],
  ],
  'two acts of one connection': [
    [CALL, DONE, CALL, DONE],
    ['4<3', '2<1'],
  ],
  'two acts at once of one connection': [
    [CALL, CALL, DONE, DONE],
    ['4<1', '3<2'],
  ],
  'one that failed, and one of the same connection that did not': [
    [CALL, CALL, DONE],
    ['3<2', '1'],
  ],
  'what was done before the call, by another': [
    [DONE, CALL],
    ['2', '1'],
  ],
  'a change of a policy, which is of the kind of its call': [
    [CALL, { category: 'policy', resource: { name: 'shop' } }],
    ['2<1'],
  ],
  'a decision within a turn, which names its call': [
    [CALL, { request: 'req_turn', decision: 'deny', resource: { approval: 'apr_1', request: 'req_1' } }],
    ['2<1'],
  ],
  'a decision in a chat, after a call that was refused': [
    [CALL, { request: 'req_turn', resource: { approval: 'apr_1' } }],
    ['2', '1'],
  ],
}

const lineOf = ({ entry: { seq }, call }: Act): string => (call ? `${seq}<${call.seq}` : String(seq))
const logOf = (told: readonly Told[]): AuditEntry[] => told.map((each, at) => entry(at + 1, each)).toReversed()

describe('the acts of an audit log', () => {
  it.each(Object.entries(STORIES))('stand once: %s', (_, [told, lines]) => {
    expect(actsOf(logOf(told)).map(lineOf)).toEqual(lines)
  })

  it('hold every entry once, newest first, whatever the log was told', () => {
    const told = fc.constantFrom(...Object.values(STORIES).flatMap(([each]) => each))
    fc.assert(
      fc.property(fc.array(told, { maxLength: 40 }), all => {
        const log = logOf(all)
        const acts = actsOf(log)
        const held = acts.flatMap(({ entry: each, call }) => (call ? [each.seq, call.seq] : [each.seq]))
        expect(held.toSorted((one, other) => other - one)).toEqual(log.map(({ seq }) => seq))
        const lines = acts.map(({ entry: { seq } }) => seq)
        expect(lines).toEqual(lines.toSorted((one, other) => other - one))
        for (const { entry: each, call } of acts) if (call) expect(call.seq).toBeLessThan(each.seq)
      }),
    )
  })
})
