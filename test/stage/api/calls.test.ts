import { describe, expect, it, vi } from 'vitest'

import { createWhatsAppClient } from '../../../client/client.ts'
import type { NewAuditEntry } from '../../../plugin/contract/audit.ts'
import { call, createTestHost, ORG_A, ORG_B, post, serveApi, tokenOf } from '../../support/api.ts'
import { createMemoryOperations } from '../../support/operations.ts'

const CALLS = { perSecond: 1, burst: 5 }

/** The api with five calls a token, at an instant that stands still. */
async function served() {
  const made = createTestHost()
  const clock = { ms: 0 }
  const api = await serveApi({
    operations: createMemoryOperations(),
    host: made.host,
    limits: { calls: () => CALLS, clock: () => clock.ms },
  })
  return { ...api, ...made, clock, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() }
}

const entries = (audited: readonly { readonly entry: NewAuditEntry }[]) =>
  audited.map(({ entry }) => [entry.action, entry.decision, entry.user, entry.resource])

const codeOf = (text: string): unknown => (JSON.parse(text) as { error: { code: string } }).error.code

describe('a token that calls too often', () => {
  it('is refused with what to do and when, before its body is read and anything is judged', async () => {
    await using api = await served()
    const ask = () => call(`${api.url}/api/v1/channels`)
    const answers = []
    for (let n = 0; n < 6; n += 1) answers.push(await ask())
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
    const refused = answers[5]
    expect(refused?.headers['retry-after']).toBe('1')
    expect(codeOf(refused?.text ?? '')).toBe('too_many_calls')
    const wrong = await call(`${api.url}/api/v1/channels/whatsapp/send`, { method: 'POST', body: '{' })
    expect(codeOf(wrong.text)).toBe('too_many_calls')
    api.clock.ms += 1_000
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429])
    api.clock.ms += 3_600_000
    const later = await Promise.all(Array.from({ length: 7 }, ask))
    expect(later.filter(({ status }) => status === 200)).toHaveLength(5)
  })

  it('takes nothing from another token, nor from anybody without one', async () => {
    await using api = await served()
    for (let n = 0; n < 6; n += 1) await call(`${api.url}/api/v1/channels`)
    const by = async (token: string | null) => (await call(`${api.url}/api/v1/channels`, { token })).status
    expect([await by(tokenOf(ORG_A, 'viewer')), await by(tokenOf(ORG_B, 'owner')), await by(null)]).toEqual([
      200, 200, 401,
    ])
  })

  it('pays for each call of a batch, and for the metrics and the description as well', async () => {
    await using api = await served()
    await call(`${api.url}/metrics`)
    await call(`${api.url}/api/v1/openapi.json`)
    const batch = ['channels.list', 'channels.list', 'channels.list', 'channels.list'].join('%2C')
    const answer = await call(`${api.url}/trpc/${batch}?batch=1`)
    const results = JSON.parse(answer.text) as { error?: { json: { data: { error: { code: string } } } } }[]
    expect(results.map(({ error }) => error?.json.data.error.code)).toEqual([
      undefined,
      undefined,
      undefined,
      'too_many_calls',
    ])
    expect(answer.headers['retry-after']).toBe('1')
    const alone = await post(`${api.url}/trpc/channels.reload`, { json: {} })
    expect([alone.status, alone.headers['retry-after']]).toEqual([429, '1'])
    const unread = await call(`${api.url}/trpc/channels.reload`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'no JSON',
    })
    expect([unread.status, unread.headers['retry-after']]).toEqual([429, '1'])
  })

  it('pays over its sockets what it pays over HTTP', async () => {
    await using api = await served()
    for (let n = 0; n < 3; n += 1) await call(`${api.url}/api/v1/channels`)
    const { client, close } = createWhatsAppClient({ url: api.url, token: tokenOf(ORG_A, 'owner') })
    const codes: unknown[] = []
    for (let n = 0; n < 3; n += 1) {
      await new Promise<void>(resolve => {
        client.turns.watch.subscribe(undefined, {
          onStarted: () => (codes.push('started'), resolve()),
          onError: error => (codes.push(error.data?.error.code), resolve()),
        })
      })
    }
    await close()
    expect(codes).toEqual(['started', 'started', 'too_many_calls'])
  })

  it('is told of in its audit log once a second, and not once a call', async () => {
    await using api = await served()
    for (let n = 0; n < 105; n += 1) await post(`${api.url}/api/v1/channels/reload`, {})
    await vi.waitFor(() => expect(entries(api.audited)).toContainEqual(expect.arrayContaining(['api.call'])), 5_000)
    await api.api.close()
    const refused = entries(api.audited).filter(([action]) => action === 'api.call')
    expect(refused.length).toBeLessThan(20)
    const counts = refused.map(([, , , resource]) => (resource as { refused: number }).refused)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100)
    expect(refused[0]?.slice(0, 3)).toEqual(['api.call', 'deny', `usr_${ORG_A}_owner`])
  })
})
