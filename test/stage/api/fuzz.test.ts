import { on, once } from 'node:events'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { PROCEDURES } from '../../../plugin/api/trpc/procedures.ts'
import { BASE_PATH, ROUTES } from '../../../plugin/api/rest/routes.ts'
import { ORG_A, serveApi, tokenOf } from '../../support/api.ts'
import { anyJson } from '../../support/nonsense.ts'
import { createMemoryOperations } from '../../support/operations.ts'

const RUNS = 40
const authorization = `Bearer ${tokenOf(ORG_A, 'owner')}`
const headers = { authorization, 'content-type': 'application/json' }

async function expectForeseen(response: Response) {
  const text = await response.text()
  expect(response.status, text).toBeLessThan(500)
  if (response.status >= 400) {
    expect(response.headers.get('x-request-id')).not.toBe(null)
    expect(text).toMatch(/"error":/)
    expect(text).not.toMatch(/"stack"|\.ts:\d|\.js:\d/)
  }
}

describe('whatever is sent', () => {
  it.each(ROUTES)('is never an error of ours: $method $path', async ({ method, path, input }) => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    await fc.assert(
      fc.asyncProperty(anyJson, fc.string({ unit: 'binary' }), async (body, text) => {
        const query =
          input.from === 'query' ? `?${new URLSearchParams({ [text]: text, session_id: text, limit: text })}` : ''
        const segment = encodeURIComponent(text) || '%00'
        const url = `${served.url}${BASE_PATH}${path.replace(':id', segment)}${query}`
        const sent = method === 'GET' ? {} : { body: JSON.stringify(body) }
        await expectForeseen(await fetch(url, { method, headers, ...sent }))
      }),
      { numRuns: RUNS },
    )
  })

  it.each(Object.keys(PROCEDURES))('is never an error of ours: %s', async path => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    await fc.assert(
      fc.asyncProperty(anyJson, anyJson, fc.boolean(), async (json, meta, enveloped) => {
        const value = JSON.stringify(enveloped ? { json, meta } : json)
        const input = encodeURIComponent(value)
        await expectForeseen(await fetch(`${served.url}/trpc/${path}?input=${input.slice(0, 8_000)}`, { headers }))
        await expectForeseen(await fetch(`${served.url}/trpc/${path}`, { method: 'POST', headers, body: value }))
      }),
      { numRuns: RUNS },
    )
  })

  it('is never an error of ours over a WebSocket, and never ends it', async () => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/trpc?connectionParams=1`)
    const frames = on(socket, 'message')
    await once(socket, 'open')
    socket.send(JSON.stringify({ data: { token: tokenOf(ORG_A, 'owner') } }))
    const path = fc.oneof(fc.constantFrom(...Object.keys(PROCEDURES)), fc.string())
    const method = fc.oneof(fc.constantFrom('query', 'mutation', 'subscription'), fc.string())
    const frame = fc.oneof(anyJson, fc.record({ id: fc.nat(), method, params: fc.record({ path, input: anyJson }) }))
    let last = 1_000_000
    await fc.assert(
      fc.asyncProperty(frame, async sent => {
        socket.send(JSON.stringify(sent))
        last += 1
        socket.send(
          JSON.stringify({ id: last, method: 'query', params: { path: 'channels.list', input: { json: {} } } }),
        )
        for (;;) {
          const told = JSON.parse(String((await frames.next()).value[0]))
          expect(told.error?.json.data.error.code).not.toBe('internal')
          if (told.id === last) return
        }
      }),
      { numRuns: 300 },
    )
    socket.terminate()
  })
})
