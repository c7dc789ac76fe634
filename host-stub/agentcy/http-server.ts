import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

import type { Log, Routes } from '../../plugin/contract/host.ts'
import { createOriginCheck, type OriginCheck } from './origin-check.ts'
import { StartRefused } from './private-folder.ts'
import { refuse, refuseSocket } from './refusal.ts'

const HEADERS_TIMEOUT_MS = 60_000
const REQUEST_TIMEOUT_MS = 60_000

/** The address that the server listens on. */
export type ListenAddress = { readonly host: string; readonly port: number }

/** A listening server. */
export type HttpServer = {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  /** Stops listening and closes the open connections. */
  close(): Promise<void>
}

/** The routes of the server, and its log. */
export type Served = { readonly routes: Routes; readonly log: Log }

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : (error.code ?? 'it failed')
      reject(new StartRefused(`Cannot listen on ${host}:${port}: ${why}. Set HOST or PORT to a free address.`))
    })
    server.listen(port, host, resolve)
  })
}

async function answer({ routes, log }: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    if (!(await routes.handle(request, response))) refuse('not_found', request, response)
  } catch (error) {
    log.error({ error: error instanceof Error ? error.name : typeof error }, 'host.request_failed')
    refuse('internal', request, response)
  }
}

function upgrade({ routes, log }: Served, request: IncomingMessage, [socket, head]: [Duplex, Buffer]): void {
  try {
    if (!routes.upgrade(request, socket, head)) refuseSocket('not_found', request, socket)
  } catch (error) {
    log.error({ error: error instanceof Error ? error.name : typeof error }, 'host.upgrade_failed')
    refuseSocket('internal', request, socket)
  }
}

/**
 * Listens on an address (port 0: a free one) and passes the requests that the origin check allows to the routes.
 * @throws StartRefused if the server cannot listen on the address.
 */
export async function openServer(address: ListenAddress, served: Served): Promise<HttpServer> {
  // Rejects everything until the port is known; no request can arrive before that.
  let isAllowed: OriginCheck = () => false
  const sockets = new Set<Duplex>()
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS })
  server.on('request', (request, response) => {
    if (isAllowed(request)) void answer(served, request, response)
    else refuse('origin_refused', request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (isAllowed(request)) upgrade(served, request, [socket, head])
    else refuseSocket('origin_refused', request, socket)
  })
  server.on('clientError', (_error, socket) => refuseSocket('bad_request', null, socket))
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  await listen(server, address)
  const { port } = server.address() as AddressInfo
  isAllowed = createOriginCheck({ port })
  const named = address.host.includes(':') ? `[${address.host}]` : address.host
  return {
    url: `http://${named}:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
