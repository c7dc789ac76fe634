import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Audit } from '../../../plugin/contract/audit.ts'
import type { PolicyQuestion, PolicyVerdict, ToolCall } from '../../../plugin/contract/policy.ts'
import { createGate, subjectOf } from '../../../plugin/turns/tool-gate.ts'
import { keptLog } from '../../support/host.ts'
import { FACTS, keptAudit, unjudged } from '../../support/policies.ts'
import { ALICE, ORG, byLid, byPhone } from '../../support/store.ts'

type Setting = { readonly open?: boolean; readonly judge?: Judge; readonly audit?: Audit }
type Judge = (question: PolicyQuestion) => Promise<PolicyVerdict>

function gateOf({ open = true, judge = unjudged, audit = keptAudit().audit }: Setting = {}) {
  const { log, lines } = keptLog()
  const turn = { id: 'trn_1', requestId: 'req_1', messageId: 'msg_1' }
  const state = { open }
  const gate = createGate({
    turn,
    subject: subjectOf(ORG, ALICE, 'viewer'),
    facts: FACTS,
    judge,
    audit,
    log,
    isOpen: () => state.open,
  })
  return { gate, lines, state }
}

function circle(): Record<string, unknown> {
  const given: Record<string, unknown> = {}
  given['itself'] = given
  return given
}

describe('the gate of a turn', () => {
  it('lets tools pass that only read', async () => {
    const { gate } = gateOf()
    expect(await gate({ tool: 'service.status', effect: 'read', arguments: {} }, false)).toEqual({ decision: 'allow' })
  })

  it('asks for approval of every other tool, also of one that does not say what it does', async () => {
    const { gate } = gateOf()
    const calls: ToolCall[] = [
      { tool: 'service.restart', effect: 'write', arguments: {} },
      { tool: 'service.drop', effect: 'destructive', arguments: {} },
      { tool: 'service.restart', arguments: {} },
    ]
    for (const call of calls) expect(await gate(call, false)).toMatchObject({ decision: 'approval_required' })
  })

  it('shows policies what a tool is called with', async () => {
    const asked: PolicyQuestion[] = []
    const judge: Judge = async question => {
      asked.push(question)
      return { verdict: 'allow' }
    }
    const { gate } = gateOf({ judge })
    const given = { amount: 7, to: { name: 'x', tags: ['a', null] } }
    expect(await gate({ tool: 'bank.pay', effect: 'write', arguments: given }, false)).toEqual({ decision: 'allow' })
    expect(asked.map(({ resource }) => resource['arguments'])).toEqual([given])
  })

  it.each<[string, Record<string, unknown>]>([
    ['more than policies are asked about', { text: 'x'.repeat(65_536) }],
    ['more of it than its letters', { text: 'ü'.repeat(32_768) }],
    ['a number that is no JSON', { amount: 7n }],
    ['a circle', circle()],
  ])('denies a call with %s, whatever policies would say', async (_what, given) => {
    const { gate } = gateOf({ judge: () => Promise.resolve({ verdict: 'allow' }) })
    for (const approved of [false, true])
      expect(await gate({ tool: 'bank.pay', effect: 'read', arguments: given }, approved)).toMatchObject({
        decision: 'deny',
      })
  })

  it('lets nothing pass once the turn has ended', async () => {
    const { gate, state } = gateOf()
    state.open = false
    expect(await gate({ tool: 'service.status', effect: 'read', arguments: {} }, false)).toMatchObject({
      decision: 'deny',
    })
  })

  it('lets nothing pass when the turn has ended while policies were asked', async () => {
    const ending = { end: () => undefined as void }
    const judge = () => {
      ending.end()
      return Promise.resolve({ verdict: 'allow' } as const)
    }
    const { gate, state } = gateOf({ judge })
    ending.end = () => void (state.open = false)
    expect(await gate({ tool: 'service.status', effect: 'read', arguments: {} }, false)).toEqual({
      decision: 'deny',
      reason: 'the turn has ended',
    })
  })

  it('never throws, and allows only a well-formed call that says it reads', async () => {
    const wellFormed = fc.record({
      tool: fc.constantFrom('service.status', 'two words', '', 'a.b'),
      effect: fc.constantFrom('read', 'READ', 'write', undefined, null),
      arguments: fc.oneof(fc.constant({}), fc.constant(null), fc.constant([])),
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything(), wellFormed), async call => {
        const { gate, lines } = gateOf()
        const { decision } = await gate(call as ToolCall, false)
        if (decision === 'allow') {
          expect(call).toMatchObject({ effect: 'read', tool: expect.stringMatching(/^[a-z]+\.[a-z]+$/) as string })
        }
        expect(lines).toMatchObject([
          { event: 'tool call judged', fields: { decision, turn: 'trn_1', request: 'req_1' } },
        ])
      }),
    )
  })

  it('logs who asked without saying who that is', async () => {
    const { gate, lines } = gateOf()
    await gate({ tool: 'a message text', effect: 'read', arguments: {} }, false)
    expect(JSON.stringify(lines)).not.toMatch(/a message text|97250|111111111/)
    expect(lines[0]?.fields).toMatchObject({ org: ORG, role: 'viewer', tool: null })
  })

  it('knows a person by one name, whose phone number or not is known', () => {
    expect(subjectOf(ORG, ALICE, 'viewer').user).toBe(subjectOf(ORG, byLid(ALICE), 'viewer').user)
    expect(subjectOf(ORG, ALICE, 'viewer').user).not.toBe(subjectOf(ORG, byPhone(ALICE), 'viewer').user)
    expect(subjectOf(ORG, ALICE, 'viewer').user).toMatch(/^usr_[0-9a-f]{26}$/)
  })

  it('lets pass what policies allow, whatever it does', async () => {
    const { gate } = gateOf({ judge: () => Promise.resolve({ verdict: 'allow' }) })
    expect(await gate({ tool: 'service.drop', effect: 'destructive', arguments: {} }, false)).toEqual({
      decision: 'allow',
    })
  })

  it('asks for approval where policies would allow it with one, and denies where they would not', async () => {
    const asked: PolicyQuestion[] = []
    const denied = { verdict: 'deny', rule: 'agentcy.x.deny', reason: 'not so' } as const
    const judge = (question: PolicyQuestion): Promise<PolicyVerdict> => {
      asked.push(question)
      const allows = question.approvalGranted && question.resource['tool'] === 'service.restart'
      return Promise.resolve(allows ? { verdict: 'allow' } : denied)
    }
    const { gate } = gateOf({ judge })
    const restart: ToolCall = { tool: 'service.restart', arguments: {} }
    expect(await gate(restart, false)).toEqual({ decision: 'approval_required', reason: 'not so' })
    expect(await gate(restart, true)).toEqual({ decision: 'allow' })
    expect(await gate({ tool: 'service.drop', arguments: {} }, false)).toEqual({ decision: 'deny', reason: 'not so' })
    expect(asked[0]).toEqual({
      ...subjectOf(ORG, ALICE, 'viewer'),
      channel: 'whatsapp',
      action: 'chat.tool.execute',
      resource: { connector: 'service', tool: 'service.restart', tool_effect: 'write', arguments: {} },
      approvalGranted: false,
      requestId: 'req_1',
      message: FACTS,
    })
  })

  it('denies when policies cannot be asked', async () => {
    const { gate } = gateOf({ judge: () => Promise.reject(new Error('down')) })
    expect(await gate({ tool: 'service.status', effect: 'read', arguments: {} }, false)).toMatchObject({
      decision: 'deny',
    })
  })

  it('tells the audit log of every decision before it is one, and of nobody who wrote more than which user that is', async () => {
    const { audit, entries } = keptAudit()
    const denied = { verdict: 'deny', rule: 'agentcy.x.deny', reason: 'not so' } as const
    const { gate } = gateOf({ audit, judge: () => Promise.resolve(denied) })
    await gate({ tool: 'service.restart', arguments: { note: 'canary' } }, false)
    expect(entries).toMatchObject([
      {
        category: 'policy',
        action: 'chat.tool.execute',
        decision: 'deny',
        user: subjectOf(ORG, ALICE, 'viewer').user,
        resource: { connector: 'service', tool: 'service.restart', tool_effect: 'write' },
        rule: 'agentcy.x.deny',
        requestId: 'req_1',
      },
    ])
    expect(JSON.stringify(entries)).not.toMatch(/canary|9725/)
  })

  it('lets nothing pass that the audit log cannot be told of', async () => {
    const audit = { append: () => Promise.reject(new Error('full')) }
    const { gate } = gateOf({ audit })
    expect(await gate({ tool: 'service.status', effect: 'read', arguments: {} }, false)).toEqual({
      decision: 'deny',
      reason: 'it could not be recorded',
    })
  })
})
