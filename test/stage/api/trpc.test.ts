import { describe, expect, it } from 'vitest'

import { createWhatsAppClient } from '../../../client/client.ts'
import { ERRORS } from '../../../plugin/contract/errors/errors.ts'
import { call, ORG_A, ORG_B, post, serveApi, tokenOf, KEY_A } from '../../support/api.ts'
import { createMemoryOperations, PHONE } from '../../support/operations.ts'

async function serveConfigured() {
  const operations = createMemoryOperations()
  await operations.accounts.configure(KEY_A, { fields: {} })
  const served = await serveApi({ operations })
  const { client, close } = createWhatsAppClient({ url: served.url, token: async () => tokenOf(ORG_A, 'owner') })
  return {
    operations,
    client,
    at: (path: string) => `${served.url}/trpc/${path}`,
    async [Symbol.asyncDispose]() {
      await close()
      await served[Symbol.asyncDispose]()
    },
  }
}

const dataOf = (text: string) => JSON.parse(text).error.json.data

describe('tRPC over HTTP', () => {
  it('runs the procedures that REST runs', async () => {
    await using stage = await serveConfigured()
    const { client } = stage
    const [{ channels }, { bindings }] = await Promise.all([client.channels.list.query(), client.bindings.list.query()])
    expect([channels[0]?.configured, bindings]).toEqual([true, []])
    const binding = await client.bindings.create.mutate({ agent: 'echo', match_rule: {} })
    expect(await client.bindings.delete.mutate({ id: binding.id })).toEqual({ status: 'deleted', id: binding.id })
    const sent = await client.whatsapp.send.mutate({ to: PHONE, text: 'x' })
    expect(await client.whatsapp.sends.get.query({ id: sent.id })).toMatchObject({ status: 'accepted', to: PHONE })
    expect(await client.whatsapp.schema.query()).toMatchObject({ type: 'object', additionalProperties: false })
    expect(await client.channels.reload.mutate()).toEqual({ status: 'ok' })
  })

  it('tells each step of a send once to whoever watches, from the number they saw last', async () => {
    await using stage = await serveConfigured()
    const { client } = stage
    const sent = await client.whatsapp.send.mutate({ to: PHONE, text: 'x' })
    expect(await client.whatsapp.sends.cancel.mutate({ id: sent.id })).toEqual({ status: 'cancelled', id: sent.id })
    const stepAfter = (lastEventId: string) =>
      new Promise<unknown>((resolve, reject) => {
        const sink = { onData: resolve, onError: reject }
        client.whatsapp.sends.watch.subscribe({ lastEventId }, sink)
      })
    const step = {
      account: 'default',
      id: sent.id,
      message_id: sent.message_id,
      to: PHONE,
      code: null,
      reason: null,
      at: expect.stringMatching(/Z$/),
    }
    expect(await stepAfter('0')).toEqual({ id: '1', data: { ...step, status: 'accepted' } })
    expect(await stepAfter('1')).toEqual({ id: '2', data: { ...step, status: 'cancelled' } })
  })

  it('sends the idempotency key of a call’s context as the header', async () => {
    await using stage = await serveConfigured()
    const send = (key: string) =>
      stage.client.whatsapp.send.mutate({ to: PHONE, text: 'x' }, { context: { idempotencyKey: key } })
    const [one, again, other] = await Promise.all([send('key-1'), send('key-1'), send('key-2')])
    expect(again.id).toBe(one.id)
    expect(other.id).not.toBe(one.id)
    expect(stage.operations.sent.map(each => each.key)).toEqual(['key-1', 'key-1', 'key-2'])
  })

  it('refuses as REST does, with the same body in its own envelope', async () => {
    await using stage = await serveConfigured()
    const headers = { 'x-request-id': 'same', 'content-type': 'application/json' }
    const answer = await post(stage.at('bindings.delete'), { json: { id: 'unknown' } }, { headers })
    expect([answer.status, answer.headers['x-request-id'], dataOf(answer.text)]).toEqual([
      404,
      'same',
      {
        code: 'NOT_FOUND',
        httpStatus: 404,
        error: { code: 'not_found', message: expect.any(String), request_id: 'same' },
      },
    ])
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('answers for ids of another org exactly as for ids that nobody has', async () => {
    await using stage = await serveConfigured()
    const sent = await stage.client.whatsapp.send.mutate({ to: PHONE, text: 'ours' })
    const asked = async (id: string) => {
      const input = encodeURIComponent(JSON.stringify({ json: { id } }))
      const options = { token: tokenOf(ORG_B, 'owner'), headers: { 'x-request-id': 'same' } }
      const { status, headers, text } = await call(`${stage.at('whatsapp.sends.get')}?input=${input}`, options)
      return { status, text, headers: { ...headers, date: null } }
    }
    const foreign = await asked(sent.id)
    expect(foreign).toEqual(await asked('unknown'))
    expect(foreign.status).toBe(404)
  })

  it.each([
    ['bad JSON', 'bad_json', '{bad'],
    ['no envelope', 'bad_request', '{"to":1}'],
    ['an envelope that lies', 'bad_request', '{"json":{"a":1},"meta":{"values":{"a.b.c":["Date"]}}}'],
    ['one that reaches for prototypes', 'bad_request', '{"json":{},"meta":{"values":{"__proto__":["set"]}}}'],
    ['nesting without end', 'bad_request', `{"json":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['an unknown key', 'bad_request', '{"json":{"to":"+972500000002","text":"x","subject":"y"}}'],
    ['2 MB', 'body_too_large', ' '.repeat(2_097_152)],
  ] as const)('refuses %s as %s', async (_name, code, body) => {
    await using stage = await serveConfigured()
    const headers = { 'content-type': 'application/json' }
    const answer = await call(stage.at('whatsapp.send'), { method: 'POST', headers, body })
    expect([answer.status, dataOf(answer.text).error.code]).toEqual([ERRORS[code].status, code])
    expect(answer.text).not.toContain('"stack"')
  })

  it('refuses 2 MB of unsaid length', async () => {
    await using stage = await serveConfigured()
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    const answer = await call(stage.at('whatsapp.send'), {
      method: 'POST',
      headers,
      body: Buffer.alloc(2_097_152, 0x20),
    })
    expect([answer.status, dataOf(answer.text).error.code]).toEqual([413, 'body_too_large'])
  })

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 400],
    ['application/octet-stream', 400],
  ])('refuses a mutation as %s', async (type, status) => {
    await using stage = await serveConfigured()
    const answer = await call(stage.at('whatsapp.send'), {
      method: 'POST',
      headers: { 'content-type': type },
      body: '{}',
    })
    expect(answer.status).toBe(status)
    expect(stage.operations.sent).toEqual([])
  })

  it('refuses a wrong method, what is no procedure, a subscription, and a batch that is too long', async () => {
    await using stage = await serveConfigured()
    const refused = async (path: string, method = 'GET') => {
      const answer = await call(stage.at(path), { method })
      const first = JSON.parse(answer.text)
      const { error } = Array.isArray(first) ? first[0] : first
      return [answer.status, error.json.data.error.code]
    }
    expect(await refused('whatsapp.send')).toEqual([405, 'method_not_allowed'])
    expect(await refused('no.such')).toEqual([404, 'not_found'])
    expect(await refused('%ff')).toEqual([400, 'bad_request'])
    expect(await refused('whatsapp.messages.watch')).toEqual([400, 'bad_request'])
    const many = Array.from({ length: 21 }, () => 'channels.list').join(',')
    expect(await refused(`${many}?batch=1`)).toEqual([400, 'bad_request'])
  })
})
