import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type Api, createApi } from '../../plugin/api/api.ts'
import { API_LIMITS, type ApiLimits } from '../../plugin/api/http/api-limits.ts'
import type { NewAuditEntry } from '../../plugin/contract/audit.ts'
import type { Host, HostVerdict, Log, LogFields, Principal } from '../../plugin/contract/host.ts'
import type { Role } from '../../plugin/contract/role.ts'
import { type AccountKey, DEFAULT_ACCOUNT, type OrgId } from '../../plugin/contract/ids.ts'
import type { Operations } from '../../plugin/contract/operations.ts'

export const ORG_A = 'org_a' as OrgId
export const ORG_B = 'org_b' as OrgId
export const KEY_A: AccountKey = { org: ORG_A, account: DEFAULT_ACCOUNT }
export const ROLES = ['viewer', 'member', 'admin', 'owner'] as const

/** The token of a role in an org. */
export const tokenOf = (org: OrgId, role: Role): string => `ak_live_${org}_${role}`

/** Policies that let everybody make every call of the host's own routes. */
export const admitsAll = (): Promise<HostVerdict> => Promise.resolve('admitted')

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }
export type Call = {
  readonly method?: string
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** Sends one request over a connection of its own and reads the whole answer, also one that comes while it still sends. */
export async function call(url: string, options: Call = {}): Promise<Answer> {
  const { method = 'GET', token = tokenOf(ORG_A, 'owner'), headers = {}, body } = options
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
  const outgoing = httpRequest(url, { method, agent: false, headers: { ...authorization, ...headers } })
  // What is still being sent when it is answered may find its line cut.
  outgoing.on('error', () => undefined).end(body)
  const [response] = await once(outgoing, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }
}

/** Sends JSON. */
export function post(url: string, body: unknown, options: Call = {}): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...options.headers }
  return call(url, { method: 'POST', ...options, headers, body: JSON.stringify(body) })
}

/** A host that knows a token for each role of two orgs, and keeps what was logged. */
export function createTestHost() {
  const holders = new Map<string, Principal>()
  for (const org of [ORG_A, ORG_B]) {
    for (const role of ROLES) holders.set(tokenOf(org, role), { org, user: `usr_${org}_${role}`, role })
  }
  const lines: { readonly event: string; readonly fields: LogFields }[] = []
  const keep = (fields: LogFields, event: string) => void lines.push({ event, fields })
  const log: Log = { trace: keep, debug: keep, info: keep, warn: keep, error: keep }
  const audited: { org: OrgId; entry: NewAuditEntry }[] = []
  const host: Pick<Host, 'log' | 'authenticate' | 'audit'> = {
    log,
    authenticate: async token => holders.get(token) ?? null,
    audit: { append: async (org, entry) => void audited.push({ org, entry }) },
  }
  return { host, lines, audited, revoke: (token: string) => void holders.delete(token) }
}

export type ServedApi = AsyncDisposable & {
  readonly api: Api
  readonly url: string
  readonly port: number
  /** Resolves when the server's end of the first WebSocket is closed, whether or not the client has noticed. */
  readonly cutOff: Promise<void>
  /** Cuts every connection and stops listening, as a crash would. */
  crash(): Promise<void>
}
export type ServeOptions = {
  readonly operations: Operations
  readonly host?: Pick<Host, 'log' | 'authenticate' | 'audit'>
  readonly isReady?: () => boolean
  readonly limits?: Partial<ApiLimits>
  readonly port?: number
}

/** More calls than any story makes. */
const UNCOUNTED = { perSecond: 1_000_000, burst: 1_000_000 }

/** The api in a server of its own on loopback. Calls are not counted unless a story says so. */
export async function serveApi(options: ServeOptions): Promise<ServedApi> {
  const { operations, host = createTestHost().host, limits = {}, port: wanted = 0 } = options
  const { isReady = () => true } = options
  const api = createApi(operations, { ...host, isReady }, { ...API_LIMITS, calls: () => UNCOUNTED, ...limits })
  const sockets = new Set<{ destroy(): unknown }>()
  const server = createServer((request, response) => {
    void api.handle(request, response).then(mine => mine || response.writeHead(418).end())
  })
  let noteCutOff = (): void => undefined
  const cutOff = new Promise<void>(resolve => (noteCutOff = resolve))
  server.on('connection', socket => sockets.add(socket))
  server.on('upgrade', (request, socket, head) => {
    socket.once('close', noteCutOff)
    if (!api.upgrade(request, socket, head)) socket.destroy()
  })
  server.listen(wanted, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    api,
    port,
    url: `http://127.0.0.1:${port}`,
    cutOff,
    crash: stop,
    async [Symbol.asyncDispose]() {
      await api.close()
      await stop()
    },
  }
}
