import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { getWSConnectionHandler, type CreateWSSContextFnOptions } from '@trpc/server/adapters/ws'
import { WebSocketServer, type WebSocket } from 'ws'

import { ChannelError, ERRORS } from '../../contract/errors/errors.ts'
import type { Held } from '../../contract/limits.ts'
import type { OrgId } from '../../contract/ids.ts'
import { errorBody, logUnforeseen } from '../http/error-shape.ts'
import { inflowOf } from '../http/read-limit.ts'
import { createMembership, dismiss } from '../auth/socket-session.ts'
import { openingOf } from './opening-frame.ts'
import { outflowOf } from '../http/backpressure.ts'
import { MOST_BODY_BYTES } from '../http/request-body.ts'
import { type ApiParts, type RequestContext, requestIdOf } from '../auth/request-context.ts'
import { appRouter } from '../trpc/router.ts'
import type { ApiLimits } from '../http/api-limits.ts'
import { createOrgSlots, type OrgSlots } from '../http/subscription-slots.ts'
import { turnAway } from './refuse-socket.ts'

/** The WebSockets of the API. */
export type Sockets = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** How many sockets and subscriptions an org has open now. */
  heldBy(org: OrgId): Held
  /** Tells every client to reconnect, and closes; takes bounded time. */
  close(): Promise<void>
}

const GOING_AWAY = 1001
const KEEP_ALIVE = { enabled: true, pingMs: 30_000, pongWaitMs: 5_000 }
const RECONNECT = JSON.stringify({ id: null, method: 'reconnect' })

type Membership = ReturnType<typeof createMembership>
type Serving = { readonly server: WebSocketServer; readonly limits: ApiLimits; readonly slots: OrgSlots }

/** Serves the router on sockets with a known owner. */
function trpcOn(
  { host, operations, calls }: Omit<ApiParts, 'held'>,
  membership: Membership,
  { server, limits, slots }: Serving,
) {
  return getWSConnectionHandler({
    wss: server,
    router: appRouter,
    createContext: ({ req, res }: CreateWSSContextFnOptions): RequestContext => {
      const member = membership.memberOf(res)
      const principal = member?.principal ?? null
      const requestId = requestIdOf(req)
      return {
        operations,
        audit: host.audit,
        log: host.log,
        principal,
        requestId,
        idempotencyKey: null,
        socket: principal && {
          outflow: outflowOf(res, limits.outflow),
          inflow: inflowOf(res),
          subscriptions: slots.of(principal.org),
        },
        calls: member && calls.of({ ...member, requestId }),
      }
    },
    keepAlive: KEEP_ALIVE,
    maxBatchSize: 20,
    onError: ({ error, path, ctx }) => {
      // Without a path, the connection failed, which is the client's side.
      if (path !== undefined) logUnforeseen(host.log, error, { requestId: ctx?.requestId ?? 'none', procedure: path })
    },
  })
}

const saysParameters = (request: IncomingMessage): boolean =>
  new URLSearchParams((request.url ?? '').split('?', 2)[1]).get('connectionParams') === '1'

/** Refuses an upgrade before the WebSocket is opened. */
function refuse(socket: Duplex, requestId: string): void {
  const refusal = new ChannelError('too_many_sockets')
  const body = JSON.stringify(errorBody(refusal, requestId))
  const { status } = ERRORS[refusal.code]
  const head = [
    `HTTP/1.1 ${status} Too Many Requests`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'retry-after: 5',
    'connection: close',
  ]
  socket.end([...head, '', body].join('\r\n'))
}

/**
 * Serves the router over WebSockets. The token arrives in the first frame (tRPC's `connectionParams`), never in the URL, and is
 * checked before anything else of the socket is read.
 */
export function createSockets(parts: Omit<ApiParts, 'held'>, limits: ApiLimits): Sockets {
  const membership = createMembership(parts, limits.sockets)
  const slots = createOrgSlots(limits.sockets)
  const server = new WebSocketServer({ noServer: true, maxPayload: MOST_BODY_BYTES })
  const serve = trpcOn(parts, membership, { server, limits, slots })

  async function receive(client: WebSocket, request: IncomingMessage, connection: Duplex): Promise<void> {
    // An error also closes the socket, so there is nothing to do.
    client.on('error', () => undefined)
    membership.expect(client)
    const opening = await openingOf(client, connection)
    if (!opening) return
    const token = saysParameters(request) ? opening.token : null
    const refusal = await membership.admit(client, token)
    const frames = opening.take()
    if (client.readyState !== client.OPEN) return
    if (refusal) return turnAway(client, { code: refusal, frames, requestId: requestIdOf(request) })
    serve(client, request)
    for (const { data, isBinary } of frames) client.emit('message', data, isBinary)
    client.resume()
  }

  return {
    upgrade(request, socket, head) {
      if (membership.strangers() >= limits.sockets().unowned) return refuse(socket, requestIdOf(request))
      server.handleUpgrade(request, socket, head, client => void receive(client, request, socket))
    },
    heldBy: org => ({ sockets: membership.socketsOf(org), subscriptions: slots.heldBy(org) }),
    async close() {
      membership.stop()
      for (const client of server.clients) {
        client.send(RECONNECT)
        dismiss(client, GOING_AWAY, 'the channel stops')
      }
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
