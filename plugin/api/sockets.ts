import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

import { applyWSSHandler, type CreateWSSContextFnOptions } from '@trpc/server/adapters/ws'
import { type WebSocket, WebSocketServer } from 'ws'

import type { Principal } from '../contract/host.ts'
import { logUnforeseen } from './error-shape.ts'
import { type OutflowLimits, outflowOf } from './outflow.ts'
import { MOST_BODY_BYTES } from './request-body.ts'
import { type Ground, type RequestContext, requestIdOf } from './request-context.ts'
import { appRouter } from './router.ts'

/** The WebSockets that the api serves. */
export type Sockets = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Tells every client to come back, and closes; bounded. */
  close(): Promise<void>
}

/** Whom a socket belongs to, for as long as its token says so. */
type Member = { readonly token: string; readonly principal: Principal }

const UNAUTHORIZED = 4401
const GOING_AWAY = 1001
const TOKEN_DEADLINE_MS = 5_000
const REFUSAL_MS = 250
const RECHECK_MS = 2_000
const RECHECK_DEADLINE_MS = 2_500
const CLOSE_DEADLINE_MS = 1_000
const KEEP_ALIVE = { enabled: true, pingMs: 30_000, pongWaitMs: 5_000 }

/** Closes politely, and for certain: whoever does not answer the closing frame is cut off. */
function dismiss(socket: WebSocket, code: number, reason: string): void {
  const cut = setTimeout(() => socket.terminate(), CLOSE_DEADLINE_MS)
  socket.once('close', () => clearTimeout(cut))
  socket.close(code, reason)
}

const samePrincipal = (left: Principal, right: Principal): boolean =>
  left.org === right.org && left.user === right.user && left.role === right.role

/** The sockets that are open and whose they are. A token is asked about again and again: one that was revoked closes its sockets. */
function createMembership({ host }: Ground) {
  const members = new Map<WebSocket, Member>()

  async function recheck(socket: WebSocket, member: Member): Promise<void> {
    const late = delay(RECHECK_DEADLINE_MS, null, { ref: false })
    const principal = await Promise.race([host.authenticate(member.token), late]).catch(() => null)
    if (principal === null || !samePrincipal(principal, member.principal)) {
      dismiss(socket, UNAUTHORIZED, 'unauthorized')
    }
  }

  const rechecks = setInterval(() => {
    for (const [socket, member] of members) void recheck(socket, member)
  }, RECHECK_MS)
  rechecks.unref()

  /** A socket that does not say in time whose it is is cut off. */
  function expect(socket: WebSocket): void {
    const deadline = setTimeout(() => {
      if (!members.has(socket)) socket.terminate()
    }, TOKEN_DEADLINE_MS)
    socket.once('close', () => {
      clearTimeout(deadline)
      members.delete(socket)
    })
  }

  async function admit(socket: WebSocket, token: string | undefined): Promise<Principal | null> {
    const principal = token === undefined ? null : await host.authenticate(token)
    if (token !== undefined && principal !== null && socket.readyState === socket.OPEN) {
      members.set(socket, { token, principal })
    }
    if (principal === null) {
      // The calls that follow at once are refused first, so that the client learns why instead of coming back.
      setTimeout(() => dismiss(socket, UNAUTHORIZED, 'unauthorized'), REFUSAL_MS).unref()
    }
    return principal
  }

  return { expect, admit, stop: () => clearInterval(rechecks) }
}

/** Serves the router over WebSockets. The token comes in the first frame (tRPC's `connectionParams`), never in the address. */
export function createSockets(ground: Ground, limits: OutflowLimits): Sockets {
  const membership = createMembership(ground)
  const server = new WebSocketServer({ noServer: true, maxPayload: MOST_BODY_BYTES })
  server.on('connection', membership.expect)

  const createContext = async ({ req, res, info }: CreateWSSContextFnOptions): Promise<RequestContext> => ({
    operations: ground.operations,
    principal: await membership.admit(res, info.connectionParams?.['token']),
    requestId: requestIdOf(req),
    idempotencyKey: null,
    outflow: outflowOf(res, limits),
  })

  const trpc = applyWSSHandler({
    wss: server,
    router: appRouter,
    createContext,
    keepAlive: KEEP_ALIVE,
    maxBatchSize: 20,
    onError: ({ error, path, ctx }) => {
      // Without a path it is the connection that failed, which is the other end's doing.
      if (path !== undefined) {
        logUnforeseen(ground.host.log, error, { requestId: ctx?.requestId ?? 'none', procedure: path })
      }
    },
  })

  return {
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, client => server.emit('connection', client, request))
    },
    async close() {
      membership.stop()
      trpc.broadcastReconnectNotification()
      for (const client of server.clients) dismiss(client, GOING_AWAY, 'the channel stops')
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
