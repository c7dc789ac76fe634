import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

import { WebSocket } from 'ws'

import { BOMBS } from '../../support/bombs.ts'
import { oneOf, type Draw } from '../../support/drawing.ts'
import { anyOf, outcomeOf, type Arena, type Deed, type Outcome, type Row } from './arena.ts'

const SOCKETS = 20
const LINGERS_MS = 4_000
const MEGABYTE = 1_000_000
const HEADERS_BYTES = 100_000

const bytesOf = (draw: Draw, length: number): Buffer => Buffer.from(Array.from({ length }, () => draw(256)))

const asCall = (input: string): string => `{"id":1,"method":"query","params":{"path":"channels.list","input":${input}}}`

/** What a socket says first that has not said whose it is. */
const FIRST_FRAMES: Readonly<Record<string, (draw: Draw) => string | Buffer>> = {
  'a call that would become more than it is': draw => asCall(oneOf(draw, BOMBS)[1]),
  'a megabyte of letters': () => 'x'.repeat(MEGABYTE),
  'a megabyte of brackets': () => '['.repeat(MEGABYTE),
  'a call a hundred thousand deep': () => asCall(`{"json":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`),
  bytes: draw => bytesOf(draw, 1 + draw(3_000)),
  'a token that nobody has': () => '{"method":"connectionParams","data":{"token":"nobody"}}',
  nothing: () => '',
}

/** Opens a socket, if it is let in, and gives how it was ended. */
async function frame({ port }: Arena, said: string | Buffer, query = '?connectionParams=1'): Promise<Outcome> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/trpc${query}`)
  try {
    const closed = once(socket, 'close')
    await once(socket, 'open')
    socket.send(said)
    await closed
  } catch {
    // It was not even let in.
  } finally {
    socket.terminate()
  }
  return 'refused'
}

/** Each of what a socket says first. */
export const frameRows = (arena: Arena): Row[] =>
  Object.entries(FIRST_FRAMES).map(([name, said]) => ({
    kind: 'frame of nobody',
    name,
    deed: draw => frame(arena, said(draw)),
  }))

/** Many sockets that say nothing for a while. */
async function silence({ port }: Arena): Promise<Outcome> {
  const sockets = Array.from({ length: SOCKETS }, () => new WebSocket(`ws://127.0.0.1:${port}/trpc?connectionParams=1`))
  for (const socket of sockets) socket.on('error', () => undefined)
  await pause(LINGERS_MS)
  for (const socket of sockets) socket.terminate()
  return 'refused'
}

/** Bytes on a line of its own; a line that is held open says the rest of it, a byte at a time, until it goes. */
async function bytes({ port }: Arena, said: Buffer | string, lingersMs: number): Promise<Outcome> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  socket.write(said)
  const dripping = setInterval(() => socket.write('x'), 200)
  socket.resume()
  await Promise.race([once(socket, 'close'), pause(lingersMs)])
  clearInterval(dripping)
  socket.destroy()
  return 'refused'
}

const POST = 'POST /trpc/bindings.create HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\ncontent-type: application/json\r\n'

/** Calls of somebody who is nobody: of each it is known how it ends. */
function calls({ request, port }: Arena): Deed[] {
  const asked = (path: string, more: Parameters<Arena['request']>[1]) => async () => {
    const { status } = await request(path, { token: null, ...more })
    return outcomeOf(status)
  }
  const json = { 'content-type': 'application/json' }
  return [
    asked('/healthz', { headers: { host: `evil.example:${port}` } }),
    asked('/healthz', { headers: { host: `10.0.0.1:${port}`, origin: 'null' } }),
    asked('/api/v1/channels', { token: 'nobody-has-this-token' }),
    asked('/api/v1/channels', { headers: { 'x-long': 'x'.repeat(HEADERS_BYTES) } }),
    draw => asked('/trpc/bindings.create', { method: 'POST', headers: json, body: oneOf(draw, BOMBS)[1] })(),
    asked('/api/v1/artifacts', { method: 'POST', body: Buffer.alloc(MEGABYTE) }),
  ]
}

/** Whoever reaches the port and has no token. */
export function strangers(arena: Arena): Deed {
  const frames = frameRows(arena)
  const post = POST.replace('PORT', String(arena.port))
  return anyOf(
    draw => oneOf(draw, frames).deed(draw),
    draw => frame(arena, oneOf(draw, Object.values(FIRST_FRAMES))(draw), ''),
    () => silence(arena),
    draw => bytes(arena, bytesOf(draw, 1 + draw(5_000)), LINGERS_MS),
    () => bytes(arena, `${post}content-length: ${MEGABYTE}\r\n\r\n{"json":`, LINGERS_MS),
    () => bytes(arena, `${post}transfer-encoding: chunked\r\n\r\nfffffff\r\n`, LINGERS_MS),
    ...calls(arena),
  )
}
