import { describe, expect, it } from 'vitest'

import { startHost } from '../../support/host-process.ts'

const ONLY_POLICIES = 'package agentcy.lock\n\ndeny[msg] { not startswith(input.action, "policy."); msg := "locked" }\n'
const BY_ACTION = `package agentcy.files

deny[msg] { input.action == "artifact.create"; msg := "no uploads" }
`

const DENIED = { status: 403, body: { error: { code: 'policy_denied' } } }
const bytes = { 'content-type': 'application/octet-stream' }

describe('the policies of an org', () => {
  it('judge every call that the host answers itself, and what they deny is in the audit log', async () => {
    await using host = await startHost()
    const kept = await host.request('POST', '/api/v1/artifacts', { body: 'before', headers: bytes })
    expect(kept.status).toBe(201)
    const artifact = `/api/v1/artifacts/${(kept.body as { artifact_id: string }).artifact_id}`
    await host.request('PUT', '/api/v1/policies/lock', { body: { source: ONLY_POLICIES } })
    for (const [method, path] of [
      ['GET', '/api/v1/channels'],
      ['GET', '/metrics'],
      ['GET', '/api/v1/openapi.json'],
      ['GET', artifact],
      ['GET', '/api/v1/artifacts/unknown'],
      ['GET', '/api/v1/policies/audit'],
      ['GET', '/api/v1/policies/audit.csv'],
      ['GET', '/api/v1/policies/audit/stream'],
      ['GET', '/api/v1/policies/audit/unknown'],
    ] as const)
      expect([path, await host.request(method, path)]).toEqual([path, expect.objectContaining({ status: 403 })])
    expect(await host.request('POST', '/api/v1/artifacts', { body: 'after', headers: bytes })).toMatchObject(DENIED)
    expect((await host.request('GET', '/healthz')).status).toBe(200)

    expect((await host.request('DELETE', '/api/v1/policies/lock')).status).toBe(200)
    const { body } = await host.request('GET', '/api/v1/policies/audit?decision=deny&limit=100')
    const denied = (body as { entries: { action: string; rule: string | null }[] }).entries
    expect(new Set(denied.map(({ action }) => action))).toEqual(
      new Set([
        'channel.list',
        'channel.metrics',
        'channel.openapi',
        'artifact.get',
        'artifact.create',
        'audit.list',
        'audit.get',
        'audit.watch',
      ]),
    )
    expect(denied.every(({ rule }) => rule === 'agentcy.lock.deny')).toBe(true)
  })

  it('may forbid one of them alone; what may go on and changes something is in the audit log', async () => {
    await using host = await startHost()
    expect((await host.request('POST', '/api/v1/artifacts', { body: 'before', headers: bytes })).status).toBe(201)
    await host.request('PUT', '/api/v1/policies/files', { body: { source: BY_ACTION } })
    expect(await host.request('POST', '/api/v1/artifacts', { body: 'x', headers: bytes })).toMatchObject(DENIED)
    const { body } = await host.request('GET', '/api/v1/policies/audit')
    const told = (body as { entries: { action: string; decision: string }[] }).entries
    expect(told.filter(({ action }) => action === 'artifact.create').map(({ decision }) => decision)).toEqual([
      'deny',
      'allow',
    ])
  })
})
