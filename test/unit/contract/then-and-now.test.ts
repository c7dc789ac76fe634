import { describe, expect, it } from 'vitest'

import { type Judgement, thenAndNow } from '../../../plugin/contract/then-and-now.ts'

const bindings = (...agents: string[]): Judgement['bindings'] =>
  agents.map((agent, at) => ({ id: `bnd_${at + 1}`, agent, position: at + 1, verdict: 'holds', clauses: [] }))
const takenBy = (binding_id: string | null, ...agents: string[]): Judgement => ({
  outcome: 'matched',
  reason: null,
  binding_id,
  bindings: bindings(...agents),
})
const left = (outcome: 'unmatched' | 'ignored', reason: string | null, ...agents: string[]): Judgement => ({
  outcome,
  reason,
  binding_id: null,
  bindings: bindings(...agents),
})
const ECHO = takenBy('bnd_1', 'echo')
const NOBODY = left('unmatched', 'no_binding')

/** What was judged then, what is now, and what is said of both. */
const CASES: readonly [Judgement, Judgement, string][] = [
  [NOBODY, ECHO, 'Then: nobody answered (no binding). Now: echo would answer.'],
  [ECHO, NOBODY, 'Then: it was given to echo. Now: nobody would answer (no binding).'],
  [ECHO, takenBy('bnd_1', 'crm'), 'Then: it was given to echo. Now: crm would answer.'],
  [ECHO, takenBy('bnd_2', 'rest', 'echo'), 'Then: it was given to echo (by bnd_1). Now: echo (by bnd_2) would answer.'],
  [
    left('unmatched', 'human_takeover', 'echo'),
    NOBODY,
    'Then: nobody answered (human takeover). Now: nobody would answer (no binding).',
  ],
  [left('ignored', 'view_once_on_phone'), ECHO, 'Then: it was ignored (view once on phone). Now: echo would answer.'],
  [
    left('unmatched', 'rate_limited'),
    left('ignored', 'forgotten'),
    'Then: nobody answered (rate limited). Now: it would be ignored (forgotten).',
  ],
  [takenBy(null), ECHO, 'Then: no binding was asked. Now: echo would answer.'],
  [ECHO, ECHO, 'Then and now: echo answers.'],
  [NOBODY, left('unmatched', 'no_binding', 'echo'), 'Then and now: nobody answers (no binding).'],
  [left('ignored', 'own'), left('ignored', 'own'), 'Then and now: it is ignored (own).'],
  // Of what was judged long ago it is known by which binding, and nothing of the others.
  [takenBy('bnd_1'), ECHO, 'Then and now: echo answers.'],
  [takenBy('bnd_9'), ECHO, 'Then: it was given to an agent whose binding is gone. Now: echo would answer.'],
]

describe('what was judged of a message then, and what is now', () => {
  it.each(CASES)('is said in plain words (%#)', (then, now, sentence) => {
    expect(thenAndNow(then, now)).toBe(sentence)
  })

  it('is said once when nothing differs, and twice when anything does', () => {
    const kinds = CASES.flatMap(([then, now]) => [then, now]).filter(({ bindings: each }) => each.length > 0)
    for (const then of kinds) {
      expect(thenAndNow(then, then)).toMatch(/^Then and now: [^:]+\.$/)
      for (const now of kinds) {
        const agents = [then, now].map(({ binding_id: id, bindings: all }) => all.find(each => each.id === id)?.agent)
        const isSame = then.outcome === now.outcome && then.reason === now.reason && agents[0] === agents[1]
        const differs = !isSame || then.binding_id !== now.binding_id
        expect(thenAndNow(then, now).startsWith('Then: ')).toBe(differs)
      }
    }
  })
})
