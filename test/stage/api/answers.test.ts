import { describe, expect, it } from 'vitest'

import { BASE_PATH } from '../../../plugin/api/rest/routes.ts'
import { ERRORS } from '../../../plugin/contract/errors/errors.ts'
import { call, createTestHost, KEY_A, serveApi } from '../../support/api.ts'
import { createMemoryOperations } from '../../support/operations.ts'

async function serveConfigured() {
  const operations = createMemoryOperations()
  await operations.accounts.configure(KEY_A, { fields: {} })
  const served = await serveApi({ operations })
  const at = (path: string) => `${served.url}${BASE_PATH}${path}`
  return { served, at, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() }
}

describe('every answer', () => {
  it('carries the caller’s request id when it can be shown, else a new one', async () => {
    await using stage = await serveConfigured()
    const asked = async (id: string) => {
      const answer = await call(stage.at('/nothing'), { headers: { 'x-request-id': id } })
      expect(JSON.parse(answer.text).error.request_id).toBe(answer.headers['x-request-id'])
      return answer.headers['x-request-id']
    }
    expect(await asked('mine-1._')).toBe('mine-1._')
    for (const id of ['', 'a b', 'x'.repeat(129), '<script>']) expect(await asked(id)).toMatch(/^req_[0-9A-Z]{26}$/)
  })

  it('is kept by nobody and read as nothing but JSON', async () => {
    await using stage = await serveConfigured()
    for (const path of ['/channels', '/nothing', '/openapi.json']) {
      const { headers } = await call(stage.at(path))
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
      })
    }
  })

  it('hides what nobody foresaw, and logs it without its words', async () => {
    const operations = createMemoryOperations()
    const { host, lines } = createTestHost()
    await using served = await serveApi({ operations, host })
    operations.breakNext(new RangeError('planted secret'))
    const answer = await call(`${served.url}/api/v1/channels`, { headers: { 'x-request-id': 'find-me' } })
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      500,
      { error: { code: 'internal', message: ERRORS.internal.sentence, request_id: 'find-me' } },
    ])
    expect(lines).toEqual([
      { event: 'api.failed', fields: { request_id: 'find-me', procedure: 'channels.list', error: 'RangeError' } },
    ])
  })

  it('leaves to the host what is not the channel’s', async () => {
    await using stage = await serveConfigured()
    for (const path of ['/', '/healthz/x', '/api/v1x', '/trpcx', '/artifacts']) {
      expect((await call(`${stage.served.url}${path}`)).status).toBe(418)
    }
  })
})
