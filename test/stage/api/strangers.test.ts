import { once } from 'node:events'
import { request as httpRequest } from 'node:http'

import superjson from 'superjson'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import {
  call,
  createTestHost,
  KEY_A,
  ORG_A,
  ORG_B,
  post,
  serveApi,
  tokenOf,
  type ServedApi,
} from '../../support/api.ts'
import { BOMBS } from '../../support/bombs.ts'
import { createMemoryOperations, PHONE } from '../../support/operations.ts'
import { closed, openRaw } from '../../support/raw-socket.ts'

const OWNER = tokenOf(ORG_A, 'owner')
const LIMITS = { unowned: 3, perToken: 2, subscriptionsPerSocket: 3, subscriptionsPerOrg: 4 }
const served = () => serveApi({ operations: createMemoryOperations(), limits: { sockets: () => LIMITS } })

/** Whether something answers at once that the process would be too busy for. */
async function isFree({ url }: ServedApi): Promise<boolean> {
  const { status } = await call(`${url}/healthz`, { token: null })
  return status === 200
}

describe('a socket that has not said whose it is', () => {
  it.each(BOMBS)('has %s not looked into', async (_name, input) => {
    await using api = await served()
    using raw = await openRaw(api)
    const ended = closed(raw.socket)
    raw.socket.send(`{"id":1,"method":"query","params":{"path":"channels.list","input":${input}}}`)
    expect(await isFree(api)).toBe(true)
    const [code] = await ended
    expect([4401, 1006]).toContain(code)
  })

  it('is cut off by a first frame that is larger than a token needs, before all of it came', async () => {
    await using api = await served()
    using raw = await openRaw(api)
    raw.socket.send('x'.repeat(1_000_000))
    expect((await closed(raw.socket))[0]).toBe(1006)
    using larger = await openRaw(api)
    larger.send({ method: 'connectionParams', data: { token: OWNER, padding: 'x'.repeat(4_096) } })
    expect((await closed(larger.socket))[0]).toBe(4401)
  })

  it.each([
    ['in a binary frame', Buffer.from(JSON.stringify({ method: 'connectionParams', data: { token: OWNER } }))],
    ['as another method', JSON.stringify({ method: 'connectionparams', data: { token: OWNER } })],
    ['as no text', JSON.stringify({ method: 'connectionParams', data: { token: [OWNER] } })],
    ['in a list', JSON.stringify([{ method: 'connectionParams', data: { token: OWNER } }])],
    ['in what is no JSON', 'connectionParams'],
    ['not at all', 'null'],
  ])('is refused when it says it %s', async (_name, frame) => {
    await using api = await served()
    using raw = await openRaw(api)
    raw.socket.send(frame)
    raw.ask(1, 'query', { path: 'channels.list' })
    expect(await raw.next()).toMatchObject({ id: 1, error: { json: { data: { error: { code: 'unauthorized' } } } } })
    expect((await closed(raw.socket))[0]).toBe(4401)
  })

  it('may ask at once behind its token, and is answered', async () => {
    await using api = await served()
    using raw = await openRaw(api)
    raw.identify(OWNER)
    for (let id = 1; id <= 40; id += 1) raw.ask(id, 'query', { path: 'channels.list' })
    const answered = []
    for (let count = 0; count < 40; count += 1) answered.push((await raw.next()).id)
    expect(answered.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })

  it('has only so many beside it: the next is refused before it opens, until one has said or gone', async () => {
    await using api = await served()
    const silent = await Promise.all([openRaw(api), openRaw(api), openRaw(api)])
    const refused = await upgradeOf(api)
    expect([refused.status, refused.code, refused.retryAfter]).toEqual([429, 'too_many_sockets', '5'])
    silent[0]?.identify(OWNER)
    silent[0]?.ask(1, 'query', { path: 'channels.list' })
    await silent[0]?.next()
    using another = await openRaw(api)
    expect(another.socket.readyState).toBe(WebSocket.OPEN)
    for (const each of silent) each.socket.terminate()
  })
})

/** What the server says to one more socket in place of opening it. */
async function upgradeOf({ port }: ServedApi) {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const request = httpRequest({ port, host: '127.0.0.1', path: '/trpc?connectionParams=1', headers, agent: false })
  request.end()
  const [response] = await once(request, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const { error } = JSON.parse(Buffer.concat(chunks).toString())
  return { status: response.statusCode, code: error.code, retryAfter: response.headers['retry-after'] }
}

describe('a token', () => {
  it('has only so many sockets: the next learns why, and another token has its own', async () => {
    await using api = await served()
    const opened = []
    for (let count = 0; count < 2; count += 1) {
      const raw = await openRaw(api)
      raw.identify(OWNER)
      raw.ask(1, 'query', { path: 'channels.list' })
      await raw.next()
      opened.push(raw)
    }
    using over = await openRaw(api)
    over.identify(OWNER)
    over.ask(7, 'query', { path: 'channels.list' })
    expect(await over.next()).toMatchObject({
      id: 7,
      error: { json: { data: { error: { code: 'too_many_sockets' } } } },
    })
    expect((await closed(over.socket))[0]).toBe(4429)
    using other = await openRaw(api)
    other.identify(tokenOf(ORG_A, 'member'))
    other.ask(1, 'query', { path: 'channels.list' })
    expect(await other.next()).toMatchObject({ id: 1, result: {} })
    opened[0]?.socket.terminate()
    while (api.api.heldBy(ORG_A).sockets > 2) await new Promise(setImmediate)
    using again = await openRaw(api)
    again.identify(OWNER)
    again.ask(1, 'query', { path: 'channels.list' })
    expect(await again.next()).toMatchObject({ id: 1, result: {} })
    opened[1]?.socket.terminate()
  })
})

describe('subscriptions', () => {
  const watch = { path: 'whatsapp.messages.watch' }
  const owned = async (api: ServedApi, token = OWNER) => {
    const raw = await openRaw(api)
    raw.identify(token)
    return raw
  }
  const startedOr = async (raw: Awaited<ReturnType<typeof openRaw>>) => {
    const { id, result, error } = await raw.next()
    return [id, result?.type ?? error.json.data.error.code]
  }

  it('are so many on a socket and so many in an org, and others have their own', async () => {
    await using api = await served()
    using first = await owned(api)
    for (let id = 1; id <= 4; id += 1) first.ask(id, 'subscription', watch)
    const said = [await startedOr(first), await startedOr(first), await startedOr(first), await startedOr(first)]
    expect(said.toSorted((one, other) => Number(one[0]) - Number(other[0]))).toEqual([
      [1, 'started'],
      [2, 'started'],
      [3, 'started'],
      [4, 'too_many_subscriptions'],
    ])
    using second = await owned(api)
    second.ask(1, 'subscription', watch)
    expect(await startedOr(second)).toEqual([1, 'started'])
    second.ask(2, 'subscription', watch)
    expect(await startedOr(second)).toEqual([2, 'too_many_subscriptions'])
    expect(api.api.heldBy(ORG_A)).toEqual({ sockets: 2, subscriptions: 4 })
    using foreign = await owned(api, tokenOf(ORG_B, 'viewer'))
    foreign.ask(1, 'subscription', watch)
    expect(await startedOr(foreign)).toEqual([1, 'started'])
  })

  it('are given back when they are stopped, when they end, when they are refused, and with their socket', async () => {
    const operations = createMemoryOperations()
    await using api = await serveApi({ operations, limits: { sockets: () => LIMITS } })
    using raw = await owned(api)
    const count = () => api.api.heldBy(ORG_A).subscriptions
    const until = async (wanted: number) => {
      while (count() !== wanted) await new Promise(setImmediate)
    }
    raw.ask(1, 'subscription', watch)
    raw.ask(2, 'subscription', watch)
    await until(2)
    raw.send({ id: 1, method: 'subscription.stop' })
    await until(1)
    await operations.accounts.configure(KEY_A, { fields: {} })
    const { session } = await operations.linking.startPairing(KEY_A)
    raw.ask(3, 'subscription', { path: 'whatsapp.qr.watch', input: { session_id: session } })
    await until(2)
    operations.turnPairing(ORG_A, session, { status: 'connected', phone: PHONE })
    await until(1)
    // Nobody has such a pairing, so that it ends at once.
    for (let id = 10; id < 20; id += 1) {
      raw.ask(id, 'subscription', { path: 'whatsapp.qr.watch', input: { session_id: 'unknown' } })
      await until(1)
    }
    for (let id = 20; id < 30; id += 1) {
      raw.ask(id, 'subscription', { path: 'whatsapp.qr.watch', input: { session_id: 7 } })
      await raw.until(id)
      expect(count()).toBe(1)
    }
    raw.socket.terminate()
    await until(0)
  })
})

describe('an input', () => {
  it.each(BOMBS)('with %s is refused over HTTP and by whoever may call', async (_name, input) => {
    await using api = await served()
    const headers = { 'content-type': 'application/json' }
    const answer = await call(`${api.url}/trpc/bindings.create`, { method: 'POST', headers, body: input })
    const { code, message } = JSON.parse(answer.text).error.json.data.error
    expect([answer.status, code, message]).toEqual([400, 'bad_request', expect.stringContaining('plain JSON')])
    using raw = await openRaw(api)
    raw.identify(OWNER)
    raw.socket.send(`{"id":1,"method":"mutation","params":{"path":"bindings.create","input":${input}}}`)
    const { error } = await raw.next()
    expect(error.json.data.error.message).toContain('plain JSON')
  })

  it('is understood as superjson writes it, also when there is none', async () => {
    await using api = await served()
    const none = encodeURIComponent(JSON.stringify(superjson.serialize(undefined)))
    expect((await call(`${api.url}/trpc/channels.list?input=${none}`)).status).toBe(200)
    const rule = superjson.serialize({ agent: 'echo', match_rule: {} })
    expect((await post(`${api.url}/trpc/bindings.create`, rule)).status).toBe(200)
    const listed = await call(`${api.url}/trpc/bindings.list`)
    expect(superjson.deserialize(JSON.parse(listed.text).result.data)).toMatchObject({ bindings: [{ agent: 'echo' }] })
  })

  it('of a caller who is nobody is not read at all', async () => {
    const { host } = createTestHost()
    await using api = await serveApi({ operations: createMemoryOperations(), host })
    const answer = await post(`${api.url}/trpc/bindings.create`, { nonsense: true }, { token: 'nobody' })
    expect(answer.status).toBe(401)
  })
})
