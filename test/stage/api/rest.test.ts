import { describe, expect, it } from 'vitest'

import { BASE_PATH, ROUTES } from '../../../plugin/api/rest/routes.ts'
import { ERRORS } from '../../../plugin/contract/errors/errors.ts'
import { call, ORG_A, ORG_B, post, serveApi, tokenOf, KEY_A } from '../../support/api.ts'
import { createMemoryOperations, PHONE } from '../../support/operations.ts'

const codeOf = (text: string): unknown => JSON.parse(text).error.code
const concrete = (path: string): string => `${BASE_PATH}${path.replaceAll(/:\w+/g, 'unknown')}`

async function serveConfigured() {
  const operations = createMemoryOperations()
  await operations.accounts.configure(KEY_A, { fields: {} })
  const served = await serveApi({ operations })
  const at = (path: string) => `${served.url}${BASE_PATH}${path}`
  return { operations, served, at, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() }
}

describe('the documented calls', () => {
  it('answers each with the documented status and body', async () => {
    const operations = createMemoryOperations()
    await using served = await serveApi({ operations })
    const at = (path: string) => `${served.url}/api/v1${path}`

    const configured = await post(at('/channels/whatsapp/configure'), { fields: { display_name: 'Agentcy Assistant' } })
    expect([configured.status, JSON.parse(configured.text)]).toEqual([
      200,
      { status: 'configured', channel: 'whatsapp' },
    ])

    const started = await call(at('/channels/whatsapp/qr/start'), { method: 'POST' })
    const pairing = JSON.parse(started.text)
    expect(started.status).toBe(200)
    expect(pairing).toEqual({
      session_id: expect.stringMatching(/^qr_/),
      qr_data_url: expect.stringMatching(/^data:image\/png;base64,/),
      expires_in: 60,
    })

    const pending = await call(at(`/channels/whatsapp/qr/status?session_id=${pairing.session_id}`))
    expect(JSON.parse(pending.text)).toEqual({
      status: 'pending',
      qr_data_url: pairing.qr_data_url,
      expires_in: 60,
    })
    operations.turnPairing(ORG_A, pairing.session_id, { status: 'connected', phone: PHONE })
    const linked = await call(at(`/channels/whatsapp/qr/status?session_id=${pairing.session_id}`))
    expect(JSON.parse(linked.text)).toEqual({ status: 'connected', phone: PHONE })
    operations.link(ORG_A, { status: 'connected', phone: PHONE, since: 0 })

    const bound = await post(at('/bindings'), { agent: 'echo', match_rule: { channel: 'whatsapp', group: PHONE } })
    expect(bound.status).toBe(201)
    const listed = await call(at('/bindings?channel=whatsapp'))
    expect(JSON.parse(listed.text)).toEqual({ bindings: [JSON.parse(bound.text)] })

    const sent = await post(at('/channels/whatsapp/send'), {
      to: '+972500000002',
      text: 'deploy complete — prod is green',
    })
    expect([sent.status, JSON.parse(sent.text)]).toEqual([
      202,
      {
        id: expect.stringMatching(/^snd_/),
        status: 'accepted',
        message_id: expect.stringMatching(/^msg_/),
      },
    ])
    const delivery = await call(at(`/channels/whatsapp/sends/${JSON.parse(sent.text).id}`))
    const waits = { status: 'accepted', to: '+972500000002', code: null, position: 0, held: null }
    expect(JSON.parse(delivery.text)).toMatchObject({ ...waits, earliest_at: expect.stringMatching(/Z$/) })
    const page = await call(at('/channels/whatsapp/sends?status=accepted&limit=1'))
    expect(JSON.parse(page.text).sends).toEqual([{ ...JSON.parse(delivery.text), kind: 'text', class: 'proactive' }])
    const sendPath = at(`/channels/whatsapp/sends/${JSON.parse(sent.text).id}`)
    const cancelled = await call(sendPath, { method: 'DELETE' })
    expect([cancelled.status, JSON.parse(cancelled.text).status]).toEqual([200, 'cancelled'])
    const ended = await call(sendPath)
    expect(JSON.parse(ended.text)).toMatchObject({ status: 'cancelled', position: null, earliest_at: null })

    const tested = await call(at('/channels/whatsapp/test'), { method: 'POST' })
    expect([tested.status, JSON.parse(tested.text)]).toEqual([200, { status: 'ok', phone: PHONE }])
    const reloaded = await call(at('/channels/reload'), { method: 'POST' })
    expect(JSON.parse(reloaded.text)).toEqual({ status: 'ok' })

    const deleted = await call(at(`/bindings/${JSON.parse(bound.text).id}`), { method: 'DELETE' })
    expect([deleted.status, JSON.parse(deleted.text).status]).toEqual([200, 'deleted'])
    const removed = await call(at('/channels/whatsapp/configure'), { method: 'DELETE' })
    expect(JSON.parse(removed.text)).toEqual({ status: 'removed', channel: 'whatsapp', unlinked: true })
  })

  it('lists messages newest first, page by page', async () => {
    await using stage = await serveConfigured()
    const [first, second, third] = ['a', 'b', 'c'].map(text => stage.operations.say(ORG_A, text))
    const page = JSON.parse((await call(stage.at('/channels/whatsapp/messages?limit=2'))).text)
    expect(page).toEqual({ messages: [third, second], more: true })
    const rest = JSON.parse((await call(stage.at(`/channels/whatsapp/messages?limit=2&before=${second?.id}`))).text)
    expect(rest).toEqual({ messages: [first], more: false })
  })

  it('counts a caller who may pair and is shown the number as its witness, and nobody else', async () => {
    await using stage = await serveConfigured()
    stage.operations.link(ORG_A, { status: 'connected', phone: PHONE, since: 0 })
    await call(stage.at('/channels'), { token: tokenOf(ORG_A, 'member') })
    expect(stage.operations.confirmed).toEqual([])
    await call(stage.at('/channels'), { token: tokenOf(ORG_A, 'admin') })
    expect(stage.operations.confirmed).toEqual([{ ...KEY_A, phone: PHONE }])
  })

  it('shows viewers no text and no name, and no code to those who may not pair', async () => {
    await using stage = await serveConfigured()
    stage.operations.say(ORG_A, 'a secret')
    const send = await stage.operations.sends.send(KEY_A, { to: PHONE, text: 'hello' }, null)
    const { session } = await stage.operations.linking.startPairing(KEY_A)
    const statusPath = `/channels/whatsapp/qr/status?session_id=${session}`
    const as = async (role: 'viewer' | 'member' | 'admin', path: string) =>
      JSON.parse((await call(stage.at(path), { token: tokenOf(ORG_A, role) })).text)
    const seen = async (role: 'viewer' | 'member') => {
      const [{ text, sender_name: name, group_subject: group }] = (await as(role, '/channels/whatsapp/messages'))
        .messages
      const [{ to_name: peer }] = (await as(role, '/channels/whatsapp/sends')).sends
      const { to_name: alone } = await as(role, `/channels/whatsapp/sends/${send.id}`)
      return [text, name, group, peer, alone]
    }
    expect(await seen('viewer')).toEqual([null, null, null, null, null])
    expect(await seen('member')).toEqual(['a secret', 'Dana', 'Family', 'Dana', 'Dana'])
    expect(await as('member', statusPath)).toEqual({ status: 'pending', expires_in: 60 })
    expect(await as('admin', statusPath)).toHaveProperty('qr_data_url')
    const typed = await stage.operations.linking.startCodePairing(KEY_A, PHONE)
    const typedPath = `/channels/whatsapp/qr/status?session_id=${typed.session}`
    expect(await as('member', typedPath)).toEqual({ status: 'pending', expires_in: 160 })
    expect(await as('admin', typedPath)).toEqual({ status: 'pending', pairing_code: 'K3WA-7XQ2', expires_in: 160 })
  })

  it('hands the idempotency key on, and refuses one that is no key', async () => {
    await using stage = await serveConfigured()
    const body = { to: PHONE, text: 'once' }
    const keyed = { headers: { 'idempotency-key': 'key-1' } }
    const first = await post(stage.at('/channels/whatsapp/send'), body, keyed)
    const again = await post(stage.at('/channels/whatsapp/send'), body, keyed)
    expect(again.text).toBe(first.text)
    const other = await post(stage.at('/channels/whatsapp/send'), { ...body, text: 'twice' }, keyed)
    expect([other.status, codeOf(other.text)]).toEqual([409, 'idempotency_key_reused'])
    const long = { headers: { 'idempotency-key': 'k'.repeat(129) } }
    expect((await post(stage.at('/channels/whatsapp/send'), body, long)).status).toBe(400)
  })
})

describe('who may ask', () => {
  it('answers /healthz to anybody, and says nothing but that it lives', async () => {
    await using stage = await serveConfigured()
    const answer = await call(`${stage.served.url}/healthz`, { token: null })
    expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}'])
    const wrong = await call(`${stage.served.url}/healthz`, { method: 'POST', token: null })
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET'])
  })

  it.each([
    ...ROUTES.map(route => [route.method, concrete(route.path)] as const),
    ['GET', '/api/v1'] as const,
    ['GET', '/api/v1/nothing'] as const,
    ['GET', '/trpc/channels.list'] as const,
    ['GET', '/trpc/nothing'] as const,
    ['POST', '/trpc'] as const,
  ])('answers 401 without a token: %s %s', async (method, path) => {
    await using stage = await serveConfigured()
    for (const suffix of ['', `?token=${tokenOf(ORG_A, 'owner')}`]) {
      const answer = await call(`${stage.served.url}${path}${suffix}`, { method, token: null })
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer'])
      expect(answer.text).toContain('"unauthorized"')
    }
  })

  it('refuses a wrong token, and a scheme that is not Bearer', async () => {
    await using stage = await serveConfigured()
    expect((await call(stage.at('/channels'), { token: 'wrong' })).status).toBe(401)
    const basic = { authorization: `Basic ${tokenOf(ORG_A, 'owner')}` }
    expect((await call(stage.at('/channels'), { token: null, headers: basic })).status).toBe(401)
  })

  it('answers for ids of another org exactly as for ids that nobody has', async () => {
    await using stage = await serveConfigured()
    const send = await post(stage.at('/channels/whatsapp/send'), { to: PHONE, text: 'ours' })
    const binding = await post(stage.at('/bindings'), { agent: 'echo', match_rule: {} })
    const { session } = await stage.operations.linking.startPairing(KEY_A)
    const ours = stage.operations.say(ORG_A, 'ours')
    const asked = [
      ['GET', (id: string) => `/channels/whatsapp/sends/${id}`, JSON.parse(send.text).id],
      ['DELETE', (id: string) => `/channels/whatsapp/sends/${id}`, JSON.parse(send.text).id],
      ['DELETE', (id: string) => `/bindings/${id}`, JSON.parse(binding.text).id],
      ['GET', (id: string) => `/channels/whatsapp/qr/status?session_id=${id}`, session],
      ['GET', (id: string) => `/channels/whatsapp/messages?before=${id}`, ours.id],
    ] as const
    for (const [method, path, id] of asked) {
      const options = { method, token: tokenOf(ORG_B, 'owner'), headers: { 'x-request-id': 'same' } }
      const foreign = await call(stage.at(path(id)), options)
      const unknown = await call(stage.at(path('unknown')), options)
      const { date: _foreignDate, ...foreignHeaders } = foreign.headers
      const { date: _unknownDate, ...unknownHeaders } = unknown.headers
      expect([foreign.status, foreignHeaders, foreign.text]).toEqual([404, unknownHeaders, unknown.text])
    }
  })
})

describe('bad input', () => {
  const send = '/channels/whatsapp/send'
  const typed = (type: string) => ({ 'content-type': type })
  const json = typed('application/json')
  const chunked = { ...json, 'transfer-encoding': 'chunked' }

  it.each([
    ['bad JSON', 'bad_json', { headers: json, body: '{bad' }],
    ['invalid UTF-8', 'bad_json', { headers: json, body: Buffer.from([0x22, 0xff, 0x22]) }],
    ['nothing', 'bad_request', { headers: json }],
    ['a wrong type', 'bad_request', { headers: json, body: '[1]' }],
    ['an unknown key', 'bad_request', { headers: json, body: '{"to":"+972500000002","text":"x","subject":"y"}' }],
    ['NUL', 'bad_request', { headers: json, body: '{"to":"+972500000002","text":"a\\u0000b"}' }],
    ['neither a text nor a reaction', 'bad_request', { headers: json, body: '{"to":"+972500000002"}' }],
    ['nesting without end', 'bad_json', { headers: json, body: '['.repeat(500_000) }],
    ['plain text', 'unsupported_media_type', { headers: typed('text/plain'), body: '{}' }],
    ['a form', 'unsupported_media_type', { headers: typed('application/x-www-form-urlencoded'), body: 'to=1' }],
    ['another charset', 'unsupported_media_type', { headers: typed('application/json; charset=utf-16'), body: '{}' }],
    ['no content type', 'unsupported_media_type', { body: '{}' }],
    ['2 MB', 'body_too_large', { headers: json, body: Buffer.alloc(2_097_152, 0x20) }],
    ['2 MB of unsaid length', 'body_too_large', { headers: chunked, body: Buffer.alloc(2_097_152) }],
  ] as const)('refuses %s as %s', async (_name, code, request) => {
    await using stage = await serveConfigured()
    const answer = await call(stage.at(send), { method: 'POST', ...request })
    expect([answer.status, codeOf(answer.text)]).toEqual([ERRORS[code].status, code])
  })

  it('names the field and what is wrong with it, and repeats no value', async () => {
    await using stage = await serveConfigured()
    const answer = await post(stage.at('/bindings'), {
      agent: 'echo',
      match_rule: { from: 'planted-value', '+972541234567': 1, colour: 'planted-value' },
    })
    const { message } = JSON.parse(answer.text).error
    expect(message).toContain('"match_rule.from" must be a phone number')
    expect(message).toContain('"match_rule" does not take a key, "colour"')
    expect(answer.text).not.toMatch(/planted-value|972541234567/)
  })

  it.each([
    ['an unknown query key', '/bindings?channel=whatsapp&color=red'],
    ['a query where none is taken', '/channels?x=1'],
    ['a query key given twice', '/channels/whatsapp/messages?limit=1&limit=2'],
    ['a limit that is no number', '/channels/whatsapp/messages?limit=many'],
    ['a missing session', '/channels/whatsapp/qr/status'],
    ['NUL in a path', '/channels/whatsapp/sends/%00'],
    ['a path that is not UTF-8', '/channels/whatsapp/sends/%ff'],
    ['an id of 300 characters', `/channels/whatsapp/sends/${'x'.repeat(300)}`],
  ])('refuses %s', async (_name, path) => {
    await using stage = await serveConfigured()
    const answer = await call(stage.at(path))
    expect([answer.status, codeOf(answer.text)]).toEqual([400, 'bad_request'])
  })

  it.each([
    '/channels/whatsapp/sends/%2e%2e%2fx',
    '/channels/whatsapp/sends/CON',
    '/channels/',
    '/no/such',
    '/bindings/a/b',
  ])('finds nothing at %s', async path => {
    await using stage = await serveConfigured()
    const answer = await call(stage.at(path))
    expect([answer.status, codeOf(answer.text)]).toEqual([404, 'not_found'])
  })

  it.each(['PUT', 'PATCH', 'HEAD', 'OPTIONS', 'DELETE'])(
    'refuses %s where it is not taken, and says what is',
    async method => {
      await using stage = await serveConfigured()
      const answer = await call(stage.at('/bindings'), { method })
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, POST'])
      if (method !== 'HEAD') expect(codeOf(answer.text)).toBe('method_not_allowed')
    },
  )

  it('takes body-less calls with any content type, and with {}, and refuses a body there', async () => {
    await using stage = await serveConfigured()
    const reload = stage.at('/channels/reload')
    expect((await call(reload, { method: 'POST' })).status).toBe(200)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await call(reload, { method: 'POST', headers: form })).status).toBe(200)
    expect((await post(reload, {})).status).toBe(200)
    expect((await post(reload, { now: true })).status).toBe(400)
  })
})
