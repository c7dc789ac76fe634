import { once } from 'node:events'

import { TRPCClientError } from '@trpc/client'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { createWhatsAppClient } from '../../../client/client.ts'
import type { AppRouter } from '../../../plugin/api/trpc/router.ts'
import { createTestHost, ORG_A, ORG_B, type ServedApi, serveApi, tokenOf, KEY_A } from '../../support/api.ts'
import { createMemoryOperations, PHONE } from '../../support/operations.ts'
import { closed, LIMIT_MS, openRaw } from '../../support/raw-socket.ts'
import { followLink, followMessages, followPairing } from '../../support/events.ts'

const clientOf = (served: Pick<ServedApi, 'url'>, token = tokenOf(ORG_A, 'owner')) => {
  const connection = createWhatsAppClient({ url: served.url, token })
  return { ...connection, [Symbol.asyncDispose]: () => connection.close() }
}

const refusalIn = (thrown: unknown) => {
  const error: TRPCClientError<AppRouter> | null = thrown instanceof TRPCClientError ? thrown : null
  return error?.data?.error
}

describe('messages.watch', () => {
  it('goes on where it stopped after a dropped line and after a restart of the host, without gap or repeat', async () => {
    const operations = createMemoryOperations()
    const first = await serveApi({ operations })
    await using connection = clientOf(first)
    using events = followMessages(connection.client)
    operations.say(ORG_A, '1')
    await events.until(event => event.id === '1')

    await first.crash()
    operations.say(ORG_A, '2')
    const second = await serveApi({ operations, port: first.port })
    operations.say(ORG_A, '3')
    await events.until(event => event.id === '3')

    await second[Symbol.asyncDispose]()
    operations.say(ORG_A, '4')
    await using _third = await serveApi({ operations, port: first.port })
    operations.say(ORG_A, '5')
    await events.until(event => event.id === '5')
    expect(events.seen.map(event => [event.id, event.data.text])).toEqual(
      ['1', '2', '3', '4', '5'].map(text => [text, text]),
    )
  })

  it('begins with what happens from now on when no event is named', async () => {
    const operations = createMemoryOperations()
    operations.say(ORG_A, 'before')
    await using served = await serveApi({ operations })
    using raw = await openRaw(served)
    raw.identify(tokenOf(ORG_A, 'owner'))
    raw.ask(1, 'subscription', { path: 'whatsapp.messages.watch' })
    expect(await raw.next()).toMatchObject({ result: { type: 'started' } })
    while (operations.watching.open === 0) await new Promise(setImmediate)
    operations.say(ORG_A, 'after')
    expect(await raw.next()).toMatchObject({ id: 1, result: { id: '2', data: { json: { data: { text: 'after' } } } } })
  })

  it('tells each org its own messages only, and viewers no texts', async () => {
    const operations = createMemoryOperations()
    operations.say(ORG_A, 'for a')
    operations.say(ORG_B, 'for b')
    await using served = await serveApi({ operations })
    await using viewer = clientOf(served, tokenOf(ORG_B, 'viewer'))
    await using member = clientOf(served, tokenOf(ORG_B, 'member'))
    using viewed = followMessages(viewer.client)
    using read = followMessages(member.client)
    operations.say(ORG_A, 'for a')
    operations.say(ORG_B, 'for b')
    await viewed.until(event => event.id === '2')
    await read.until(event => event.id === '2')
    expect(viewed.seen.map(event => event.data.text)).toEqual([null, null])
    expect(read.seen.map(event => event.data.text)).toEqual(['for b', 'for b'])
  })

  it('holds a reader back who does not read, and cuts it off', async () => {
    const operations = createMemoryOperations()
    const texts = 1_500
    for (let index = 0; index < texts; index += 1) operations.say(ORG_A, 'x'.repeat(65_536))
    const limits = { pauseBytes: 1_048_576, mostBytes: 16_777_216, drainMs: 500 }
    await using served = await serveApi({ operations, limits: { outflow: limits } })
    using raw = await openRaw(served)
    raw.socket.pause()
    raw.identify(tokenOf(ORG_A, 'owner'))
    raw.ask(1, 'subscription', { path: 'whatsapp.messages.watch', lastEventId: '0' })
    while (operations.watching.open === 0) await new Promise(setImmediate)
    while (operations.watching.open > 0) await new Promise(setImmediate)
    // What the kernel's buffers took, and one mebibyte.
    expect(operations.watching.taken).toBeLessThan(texts / 2)
    raw.socket.resume()
    await closed(raw.socket)
  })

  // Sooner than the keep-alive, which would cut it off as well after 35 s.
  it('cuts off a reader for whom too much waits, whatever asked for it', { timeout: 30_000 }, async () => {
    const operations = createMemoryOperations()
    for (let index = 0; index < 200; index += 1) operations.say(ORG_A, 'x'.repeat(65_536))
    const limits = { pauseBytes: 1_048_576, mostBytes: 8_388_608, drainMs: 60_000 }
    await using served = await serveApi({ operations, limits: { outflow: limits } })
    using raw = await openRaw(served)
    raw.socket.pause()
    raw.identify(tokenOf(ORG_A, 'owner'))
    for (let id = 0; id < 4; id += 1) {
      raw.ask(id, 'query', { path: 'whatsapp.messages.list', input: { limit: 200 } })
    }
    // Read from again only then: a reader that goes on reading might keep up.
    await served.cutOff
    raw.socket.resume()
    await closed(raw.socket)
  })
})

describe('qr.watch and connection.watch', () => {
  it('give the current state first, then each change, and the number to a witness', async () => {
    const operations = createMemoryOperations()
    await operations.accounts.configure(KEY_A, { fields: {} })
    const { session } = await operations.linking.startPairing(KEY_A)
    await using served = await serveApi({ operations })
    await using connection = clientOf(served)
    using link = followLink(connection.client)
    using pairing = followPairing(connection.client, session)
    await link.until(state => state.status === 'not_paired')
    const pending = await pairing.until(state => state.status === 'pending')
    expect(pending).toMatchObject({ expires_in: 60, qr_data_url: expect.stringContaining('data:image/png') })
    operations.turnPairing(ORG_A, session, { status: 'connected', phone: PHONE })
    await pairing.until(state => state.status === 'connected')
    expect(operations.confirmed).toEqual([{ ...KEY_A, phone: PHONE }])
    operations.link(ORG_A, { status: 'connected', phone: PHONE, since: 0 })
    expect(await link.until(state => state.status === 'connected')).toMatchObject({
      phone: PHONE,
      since: '1970-01-01T00:00:00.000Z',
    })
    operations.link(ORG_A, { status: 'waiting', reason: 'connection_lost', permanent: false, retryAt: 1_000 })
    expect(await link.until(state => state.status === 'waiting')).toEqual({
      account: 'default',
      status: 'waiting',
      phone: null,
      since: null,
      reason: 'connection_lost',
      permanent: false,
      retry_at: '1970-01-01T00:00:01.000Z',
      detail: null,
      whatsapp_said: null,
    })
  })

  it('answers for a pairing of another org as for one that nobody has', async () => {
    const operations = createMemoryOperations()
    await operations.accounts.configure(KEY_A, { fields: {} })
    const { session } = await operations.linking.startPairing(KEY_A)
    await using served = await serveApi({ operations })
    const told = async (id: string) => {
      using raw = await openRaw(served, '?connectionParams=1', { 'x-request-id': 'same' })
      raw.identify(tokenOf(ORG_B, 'owner'))
      raw.ask(1, 'subscription', { path: 'whatsapp.qr.watch', input: { session_id: id } })
      expect(await raw.next()).toMatchObject({ result: { type: 'started' } })
      return raw.next()
    }
    const foreign = await told(session)
    expect(foreign).toEqual(await told('unknown'))
    expect(foreign.error.json.data).toEqual({
      code: 'NOT_FOUND',
      httpStatus: 404,
      error: { code: 'not_found', message: expect.any(String), request_id: 'same' },
    })
  })
})

describe('a socket’s token', () => {
  it('is refused in the address', async () => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    using raw = await openRaw(served, `?token=${tokenOf(ORG_A, 'owner')}`)
    raw.ask(1, 'query', { path: 'channels.list' })
    expect(await raw.next()).toMatchObject({ id: 1, error: { json: { data: { error: { code: 'unauthorized' } } } } })
    const [code] = await closed(raw.socket)
    expect(code).toBe(4401)
  })

  it('tells the client when it is wrong', async () => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    await using connection = clientOf(served, 'wrong')
    using events = followLink(connection.client)
    const thrown = await events.until(() => true).catch((error: unknown) => error)
    expect(refusalIn(thrown)).toMatchObject({ code: 'unauthorized', request_id: expect.stringMatching(/^req_/) })
  })

  it('must come within five seconds', async () => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    using raw = await openRaw(served)
    const openedAt = performance.now()
    await closed(raw.socket)
    expect(performance.now() - openedAt).toBeGreaterThan(LIMIT_MS - 500)
  })

  it('closes its sockets within five seconds when it is revoked, and no others', async () => {
    const operations = createMemoryOperations()
    const { host, revoke } = createTestHost()
    await using served = await serveApi({ operations, host })
    const sockets = await Promise.all([openRaw(served), openRaw(served)])
    const [revoked, other] = sockets
    using _revoked = revoked
    using _other = other
    revoked.identify(tokenOf(ORG_A, 'member'))
    other.identify(tokenOf(ORG_A, 'owner'))
    for (const raw of sockets) {
      raw.ask(1, 'subscription', { path: 'whatsapp.messages.watch' })
      await raw.next()
    }
    while (operations.watching.open < 2) await new Promise(setImmediate)
    const revokedAt = performance.now()
    revoke(tokenOf(ORG_A, 'member'))
    const [code] = await closed(revoked.socket)
    expect(code).toBe(4401)
    expect(performance.now() - revokedAt).toBeLessThan(LIMIT_MS)
    while (operations.watching.open > 1) await new Promise(setImmediate)
    operations.say(ORG_A, 'still here')
    expect(await other.next()).toMatchObject({ result: { id: '1' } })
  })

  it('is refused when it cannot be asked about, and the log says why', async () => {
    const { host, lines } = createTestHost()
    const failing = { ...host, authenticate: () => Promise.reject(new RangeError('planted')) }
    await using served = await serveApi({ operations: createMemoryOperations(), host: failing })
    using raw = await openRaw(served)
    raw.identify(tokenOf(ORG_A, 'owner'))
    raw.ask(1, 'query', { path: 'channels.list' })
    expect(await raw.next()).toMatchObject({ id: 1, error: { json: { data: { error: { code: 'unauthorized' } } } } })
    expect(lines.map(line => line.fields['error'])).toEqual(['RangeError'])
    await closed(raw.socket)
  })

  it('closes its sockets when it cannot be asked about any more', async () => {
    const { host } = createTestHost()
    let asked = 0
    const failing = {
      ...host,
      authenticate: async (token: string) => {
        asked += 1
        if (asked > 1) throw new Error('the database is gone')
        return host.authenticate(token)
      },
    }
    await using served = await serveApi({ operations: createMemoryOperations(), host: failing })
    using raw = await openRaw(served)
    raw.identify(tokenOf(ORG_A, 'owner'))
    raw.ask(1, 'subscription', { path: 'whatsapp.messages.watch' })
    await raw.next()
    expect((await closed(raw.socket))[0]).toBe(4401)
  })
})

describe('a socket', () => {
  it.each([
    ['what is no JSON', '{bad'],
    ['what is no call', '"hello"'],
    ['a call without an id', '{"method":"query","params":{"path":"channels.list"}}'],
    ['nesting without end', `{"id":1,"method":"query","params":{"path":"channels.list","input":${'['.repeat(9_999)}`],
  ])('refuses %s and stays open', async (_name, frame) => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    using raw = await openRaw(served)
    raw.identify(tokenOf(ORG_A, 'owner'))
    raw.socket.send(frame)
    const { error } = await raw.next()
    expect(error.json.data.error.code).toMatch(/^bad_(json|request)$/)
    expect(JSON.stringify(error)).not.toContain('stack')
    raw.ask(2, 'query', { path: 'channels.list' })
    expect(await raw.next()).toMatchObject({ id: 2, result: {} })
  })

  it('is closed by a frame of more than 1 MB', async () => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    using raw = await openRaw(served)
    raw.identify(tokenOf(ORG_A, 'owner'))
    raw.socket.send('x'.repeat(1_048_577))
    expect((await closed(raw.socket))[0]).toBe(1009)
  })

  it('opens at /trpc alone', async () => {
    await using served = await serveApi({ operations: createMemoryOperations() })
    for (const path of ['/', '/api/v1', '/trpc/x']) {
      const socket = new WebSocket(`ws://127.0.0.1:${served.port}${path}`)
      await expect(once(socket, 'open')).rejects.toThrow('socket hang up')
    }
  })

  it('is told to come back when the api closes, and cut off when it does not answer', async () => {
    const served = await serveApi({ operations: createMemoryOperations() })
    using polite = await openRaw(served)
    using deaf = await openRaw(served)
    polite.identify(tokenOf(ORG_A, 'owner'))
    deaf.identify(tokenOf(ORG_A, 'owner'))
    deaf.socket.pause()
    const told = polite.next()
    const closing = served.api.close()
    expect(await told).toEqual({ id: null, method: 'reconnect' })
    await closing
    await served.crash()
  })
})
