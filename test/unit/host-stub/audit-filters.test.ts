import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { questionFrom } from '../../../host-stub/agentcy/audit/audit-filters.ts'

const ANY = {
  decision: null,
  action: null,
  connector: null,
  tool: null,
  userId: null,
  apiKeyId: null,
  sinceAt: null,
  untilAt: null,
}
const BEFORE = 'aud_01BX5ZZKBKACTAV9WEVGEMMVRZ'

describe('the question that a query asks', () => {
  it('is about everything when nothing is said', () => {
    expect(questionFrom(new URLSearchParams())).toEqual({ filters: ANY, limit: null, before: null })
  })

  it('has all that can be said', () => {
    const query = new URLSearchParams({
      decision: 'deny',
      action: 'binding.create',
      connector: 'kubernetes',
      'resource.tool': 'delete_pod',
      user_id: 'usr_alice',
      api_key_id: 'key_1',
      since: '2026-04-24T14:00:00+02:00',
      until: '2026-04-24T12:00:00.5Z',
      limit: '1000',
      before: BEFORE,
    })
    expect(questionFrom(query)).toEqual({
      filters: {
        decision: 'deny',
        action: 'binding.create',
        connector: 'kubernetes',
        tool: 'delete_pod',
        userId: 'usr_alice',
        apiKeyId: 'key_1',
        sinceAt: Date.parse('2026-04-24T12:00:00Z'),
        untilAt: Date.parse('2026-04-24T12:00:00.500Z'),
      },
      limit: 1_000,
      before: BEFORE,
    })
  })

  it.each([
    ['decision=perhaps', '"decision" must be allow or deny.'],
    ['decision=', '"decision" must be allow or deny.'],
    ['action=', '"action" must not be empty.'],
    [`connector=${'x'.repeat(257)}`, '"connector" must be of 256 characters at most.'],
    ['since=yesterday', '"since" must be an instant of RFC 3339'],
    ['until=2026-02-30T00:00:00Z', '"until" must be an instant of RFC 3339'],
    ['until=2026-04-24', '"until" must be an instant of RFC 3339'],
    ['since=2026-04-24T12:00:00+02:00', 'with %2B for the + of an offset'],
    ['limit=0', '"limit" must be a whole number from 1 to 1000.'],
    ['limit=1001', '"limit" must be a whole number from 1 to 1000.'],
    ['limit=1e2', '"limit" must be a whole number from 1 to 1000.'],
    ['before=aud_1', '"before" must be the id of an entry, as aud_….'],
    ['page=2', 'does not take "page". It takes decision, action, connector, resource.tool, user_id, api_key_id, since'],
    ['resource.connector=x', 'does not take "resource.connector"'],
    ['%2B972500000001=x', 'does not take a parameter.'],
    ['limit=1&limit=2', 'takes "limit" once'],
    ['__proto__=1', 'does not take'],
  ])('by %s is none, and says so', (query, sentence) => {
    expect(questionFrom(new URLSearchParams(query))).toContain(sentence)
  })

  it('is a question or a sentence, whatever is written', () => {
    const name = fc.oneof(
      fc.constantFrom('decision', 'since', 'until', 'limit', 'before', 'resource.tool'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), pairs => {
        const question = questionFrom(new URLSearchParams(pairs))
        if (typeof question === 'string') expect(question).toMatch(/\.$/)
        else expect(question.limit ?? 1).toSatisfy((limit: number) => limit >= 1 && limit <= 1_000)
      }),
    )
  })

  it('names an instant that there is, whatever looks like one', () => {
    const written = fc.stringMatching(
      /^[0-9]{4}-[0-9]{2}-[0-3][0-9]T[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,4})?)?(Z|[+-][0-2][0-9]:[0-6][0-9])$/,
    )
    fc.assert(
      fc.property(written, since => {
        const question = questionFrom(new URLSearchParams({ since }))
        if (typeof question !== 'string') expect(question.filters.sinceAt).toBe(Date.parse(since))
        if (typeof question !== 'string') expect(question.filters.sinceAt).not.toBeNaN()
      }),
      { numRuns: 1_000 },
    )
  })
})
