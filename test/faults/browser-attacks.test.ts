import { request } from 'node:http'

import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { startHost, type HostProcess } from '../support/host-process.ts'

/** A request with headers that `fetch` would not let a program set. */
function rawPost(host: HostProcess, headers: Record<string, string>): Promise<number> {
  const url = new URL('/api/v1/channels/whatsapp/configure', host.url)
  return new Promise((answered, failed) => {
    const sent = request(url, { method: 'POST', headers }, response => {
      response.resume()
      answered(response.statusCode ?? 0)
    })
    sent.on('error', failed)
    sent.end(JSON.stringify({ fields: { display_name: 'taken over' } }))
  })
}

describe('F51: a page in a browser on this machine', () => {
  const json = { 'content-type': 'application/json' }
  const attacks: { attack: string; headers: Record<string, string>; status: number }[] = [
    { attack: 'a page of another origin', headers: { ...json, origin: 'https://evil.example' }, status: 403 },
    { attack: 'a sandboxed frame', headers: { ...json, origin: 'null' }, status: 403 },
    { attack: 'a rebound name', headers: { ...json, host: 'evil.example:8080' }, status: 403 },
    { attack: '0.0.0.0', headers: { ...json, host: '0.0.0.0:8080' }, status: 403 },
    { attack: 'fetch no-cors', headers: { ...json, 'sec-fetch-site': 'cross-site' }, status: 403 },
    { attack: 'a simple post', headers: { 'content-type': 'text/plain' }, status: 415 },
    { attack: 'a form', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 415 },
  ]

  it('reaches no route, even with a valid token', async () => {
    await using host = await startHost()
    for (const { attack, headers, status } of attacks) {
      const answered = await rawPost(host, { authorization: `Bearer ${host.token}`, ...headers })
      expect(answered, attack).toBe(status)
    }
    expect(await host.request('GET', '/api/v1/channels')).toMatchObject({ body: { channels: [{ configured: false }] } })
  })

  it('opens no WebSocket', async () => {
    await using host = await startHost()
    const socketUrl = host.url.replace('http', 'ws')
    const refusal = await new Promise<number>((answered, opened) => {
      const socket = new WebSocket(`${socketUrl}/trpc`, { origin: 'https://evil.example' })
      socket.on('unexpected-response', (_request, response) => answered(response.statusCode ?? 0))
      socket.on('open', () => opened(new Error('it opened')))
      socket.on('error', () => undefined)
    })
    expect(refusal).toBe(403)
  })
})

describe('F52: a token', () => {
  it.each([
    { kind: 'in the query', path: (token: string) => `/api/v1/channels?token=${token}`, authorization: '' },
    { kind: 'that is wrong', path: () => '/api/v1/channels', authorization: 'Bearer ak_live_wrong' },
    { kind: 'that is only present', path: () => '/api/v1/channels', authorization: 'Bearer ' },
    { kind: 'of another scheme', path: () => '/api/v1/channels', authorization: 'Basic b3duZXI6b3duZXI=' },
  ])('$kind lets nobody in', async ({ path, authorization }) => {
    await using host = await startHost()
    // Not by `host.request`, which keeps its URLs for the scan of everything printed.
    const headers = authorization === '' ? {} : { authorization }
    const answer = await fetch(`${host.url}${path(host.token)}`, { headers })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ error: { code: 'unauthorized' } })
  })

  it('that is revoked closes its sockets within 5 s', async () => {
    await using host = await startHost()
    const token = await host.mintToken('org_local', 'viewer')
    const socket = new WebSocket(`${host.url.replace('http', 'ws')}/trpc?connectionParams=1`)
    const closed = new Promise<number>(resolve => socket.on('close', () => resolve(performance.now())))
    const begun = new Promise(resolve => socket.on('message', resolve))
    socket.on('open', () => {
      socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
      socket.send(JSON.stringify({ id: 1, method: 'subscription', params: { path: 'whatsapp.connection.watch' } }))
    })
    await begun
    const revokedAt = performance.now()
    await host.revokeToken(token)
    expect((await closed) - revokedAt).toBeLessThan(5_000)
  })
})
