import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { applyWSSHandler, type CreateWSSContextFnOptions } from '@trpc/server/adapters/ws'
import { WebSocketServer } from 'ws'

import { logUnforeseen } from './error-shape.ts'
import { createMembership, dismiss } from './membership.ts'
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

const GOING_AWAY = 1001
const KEEP_ALIVE = { enabled: true, pingMs: 30_000, pongWaitMs: 5_000 }

/** Serves the router over WebSockets. The token comes in the first frame (tRPC's `connectionParams`), never in the address. */
export function createSockets(ground: Ground, limits: OutflowLimits): Sockets {
  const membership = createMembership(ground)
  const server = new WebSocketServer({ noServer: true, maxPayload: MOST_BODY_BYTES })
  server.on('connection', membership.expect)

  const createContext = async ({ req, res, info }: CreateWSSContextFnOptions): Promise<RequestContext> => ({
    operations: ground.operations,
    audit: ground.host.audit,
    log: ground.host.log,
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
