import { on, once } from 'node:events'

import { WebSocket } from 'ws'

import type { ServedApi } from './api.ts'

type Params = { readonly path: string; readonly input?: unknown; readonly lastEventId?: string }

/** A WebSocket that speaks tRPC's frames itself, to do what no proper client does. */
export async function openRaw(
  served: Pick<ServedApi, 'port'>,
  query = '?connectionParams=1',
  headers: Record<string, string> = {},
) {
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}/trpc${query}`, { headers })
  const frames = on(socket, 'message')
  await once(socket, 'open')
  const send = (frame: unknown) => socket.send(JSON.stringify(frame))
  const identify = (token: string) => send({ method: 'connectionParams', data: { token } })
  const ask = (id: number, method: 'query' | 'subscription', { input, ...params }: Params) =>
    send({ id, method, params: { ...params, input: { json: input } } })
  const next = async () => JSON.parse(String((await frames.next()).value[0]))
  /** What is said to the call of this number first. */
  const until = async (id: number) => {
    for (;;) {
      const told = await next()
      if (told.id === id) return told
    }
  }
  return { socket, send, identify, ask, next, until, [Symbol.dispose]: () => socket.terminate() }
}

export const LIMIT_MS = 5_000
/** The code and reason that a socket is closed with. */
export const closed = (socket: WebSocket) => once(socket, 'close', { signal: AbortSignal.timeout(LIMIT_MS + 1_000) })
