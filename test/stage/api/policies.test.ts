import { describe, expect, it } from 'vitest'

import type { ApprovalDecision } from '../../../plugin/contract/approval.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import type { Operations } from '../../../plugin/contract/operations.ts'
import type { PolicyQuestion, PolicyVerdict } from '../../../plugin/contract/policy.ts'
import { createWhatsAppClient } from '../../../client/client.ts'
import { call, createTestHost, ORG_A, post, serveApi, tokenOf } from '../../support/api.ts'
import { createMemoryOperations } from '../../support/operations.ts'

const RULE = { match_rule: { from: '+972500000002' }, agent: 'echo' }

/** Operations of an org whose policies deny some actions. */
function closedTo(...actions: string[]): { operations: Operations; asked: PolicyQuestion[] } {
  const asked: PolicyQuestion[] = []
  const judge = (question: PolicyQuestion): Promise<PolicyVerdict> => {
    asked.push(question)
    const denied = { verdict: 'deny', rule: 'agentcy.x.deny', reason: 'closed' } as const
    return Promise.resolve(actions.includes(question.action) ? denied : { verdict: 'allow' })
  }
  return { operations: createMemoryOperations({ policies: { judge } }), asked }
}

const codeOf = (text: string): string => (JSON.parse(text) as { error: { code: string } }).error.code

describe('every call is judged by the policies of the org', () => {
  it('over REST, HTTP and WebSocket alike, and a denied one does nothing', async () => {
    const { operations } = closedTo('binding.create', 'channel.message.watch')
    await using served = await serveApi({ operations })
    const refused = await post(`${served.url}/api/v1/bindings`, RULE)
    expect([refused.status, codeOf(refused.text)]).toEqual([403, 'policy_denied'])
    const trpc = await post(`${served.url}/trpc/bindings.create`, { json: RULE })
    expect(trpc.status).toBe(403)
    const { client, close } = createWhatsAppClient({ url: served.url, token: tokenOf(ORG_A, 'owner') })
    const told = await new Promise(resolve => {
      client.whatsapp.messages.watch.subscribe(undefined, { onData: resolve, onError: resolve })
    })
    expect(told).toMatchObject({ data: { error: { code: 'policy_denied' } } })
    await close()
    expect((await operations.bindings.list(ORG_A)).length).toBe(0)
    expect((await call(`${served.url}/api/v1/bindings`)).status).toBe(200)
  })

  it('by who calls and what, as facts', async () => {
    const { operations, asked } = closedTo()
    await using served = await serveApi({ operations })
    await call(`${served.url}/api/v1/channels`, {
      token: tokenOf(ORG_A, 'viewer'),
      headers: { 'x-request-id': 'req_mine' },
    })
    expect(asked).toEqual([
      {
        org: ORG_A,
        user: 'usr_org_a_viewer',
        role: 'viewer',
        channel: 'api',
        action: 'channel.list',
        resource: { channel: 'whatsapp', procedure: 'channels.list' },
        approvalGranted: false,
        requestId: 'req_mine',
        message: null,
      },
    ])
  })

  it('after the roles: what a role does not allow, no policy is asked about', async () => {
    const { operations, asked } = closedTo()
    await using served = await serveApi({ operations })
    const refused = await post(`${served.url}/api/v1/bindings`, RULE, { token: tokenOf(ORG_A, 'viewer') })
    expect(codeOf(refused.text)).toBe('forbidden')
    expect(asked).toEqual([])
  })
})

describe('the audit log', () => {
  it('is told of a decision by which call it was made, which it is told of as well', async () => {
    const { host, audited } = createTestHost()
    const decisions: ApprovalDecision[] = []
    const decide = (_: unknown, __: unknown, decision: ApprovalDecision) => {
      decisions.push(decision)
      return Promise.reject(new ChannelError('approval_decided'))
    }
    const operations = createMemoryOperations({ approvals: { decide } })
    await using served = await serveApi({ operations, host })
    await post(`${served.url}/api/v1/approvals/apr_1`, { approved: true })
    expect(audited.map(({ entry: { action } }) => action)).toEqual(['approval.decide'])
    expect(decisions).toMatchObject([{ approved: true, request: audited[0]?.entry.requestId }])
  })

  it('is told of what is denied, and of what changes something before and after it does, and of no plain read', async () => {
    const { operations } = closedTo('binding.delete')
    const { host, audited } = createTestHost()
    await using served = await serveApi({ operations, host })
    await call(`${served.url}/api/v1/bindings`)
    const made = await post(`${served.url}/api/v1/bindings`, RULE)
    const { id } = JSON.parse(made.text) as { id: string }
    await call(`${served.url}/api/v1/bindings/${id}`, { method: 'DELETE' })
    const entries = audited.map(({ org, entry }) => [org, entry.category, entry.action, entry.decision, entry.rule])
    expect(entries).toEqual([
      [ORG_A, 'policy', 'binding.create', 'allow', null],
      [ORG_A, 'channel', 'binding.create', 'allow', null],
      [ORG_A, 'policy', 'binding.delete', 'deny', 'agentcy.x.deny'],
    ])
    expect(audited[1]?.entry).toMatchObject({
      user: 'usr_org_a_owner',
      resource: { channel: 'whatsapp', id, agent: 'echo' },
    })
    expect(JSON.stringify(audited)).not.toContain('972500000002')
  })

  it('that cannot be told stops what changes something before it does', async () => {
    const operations = createMemoryOperations()
    const { host, lines } = createTestHost()
    const deaf = { ...host, audit: { append: () => Promise.reject(new Error('full')) } }
    await using served = await serveApi({ operations, host: deaf })
    expect((await post(`${served.url}/api/v1/bindings`, RULE)).status).toBe(500)
    expect(await operations.bindings.list(ORG_A)).toEqual([])
    expect((await call(`${served.url}/api/v1/bindings`)).status).toBe(200)
    expect(lines.map(({ event }) => event)).toContain('api.failed')
  })
})
