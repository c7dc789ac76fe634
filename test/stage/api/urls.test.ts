import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { z } from 'zod'

import { ROUTES } from '../../../plugin/api/rest/routes.ts'
import { connectBy } from '../../../client/connection.ts'
import { KEY_A, ORG_A, serveApi, tokenOf } from '../../support/api.ts'
import { createMemoryOperations, PHONE } from '../../support/operations.ts'

/** What calls may carry in their URL, where proxies and browsers keep it: names that the channel or an org gave, and no person's. */
const WITHOUT_NUMBERS = ['account', 'before', 'channel', 'id', 'limit', 'name', 'session_id', 'status']

const keysOf = (schema: unknown): string[] => Object.keys((schema as Partial<z.ZodObject> | undefined)?.shape ?? {})

it('no route carries a number in its URL, but the deprecated ones', () => {
  const carried = ROUTES.filter(({ deprecated }) => !deprecated).flatMap(({ input }) => [
    ...(input.from === 'path' || input.from === 'query' ? keysOf(input.schema) : []),
    ...('query' in input ? keysOf(input.query) : []),
  ])
  expect(carried.length).toBeGreaterThan(20)
  expect(carried.filter(name => !WITHOUT_NUMBERS.includes(name))).toEqual([])
})

it('no query of the client carries a number or a text in its URL', async () => {
  const operations = createMemoryOperations()
  await operations.accounts.configure(KEY_A, { fields: {} })
  await using served = await serveApi({ operations })
  const asked: { readonly url: string; readonly body: string }[] = []
  const { client, close } = connectBy({
    url: served.url,
    token: async () => tokenOf(ORG_A, 'owner'),
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    fetch: async (url, options) => {
      const request = new Request(url, options)
      asked.push({ url: request.url, body: await request.clone().text() })
      return fetch(request)
    },
    mostRetryMs: 1_000,
  })
  const message = { from: PHONE, text: 'is-the-invoice-there' }
  await Promise.all([
    client.bindings.explain.query({ message }),
    client.policies.test.query({ input: { resource: { to: PHONE } } }),
    client.channels.list.query(),
  ])
  await close()
  const urls = asked.map(({ url }) => decodeURIComponent(url)).join(' ')
  expect(urls).toContain('bindings.explain')
  for (const secret of [PHONE.slice(1), message.text]) {
    expect(urls).not.toContain(secret)
    expect(asked.map(({ body }) => body).join(' ')).toContain(secret)
  }
})
