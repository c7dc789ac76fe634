import { ChannelError } from '../contract/errors/errors.ts'
import type { Held } from '../contract/limits.ts'
import type { HostCall, HostVerdict, Principal, Routes } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import type { Operations } from '../contract/operations.ts'
import { answerError, answerJson, type Exchange, setCommonHeaders } from './http/response.ts'
import { admit } from './auth/authorization.ts'
import { API_LIMITS, type ApiLimits } from './http/api-limits.ts'
import { CallBuckets } from './auth/call-rate-limit.ts'
import { type ApiParts, type Hosting, requestIdOf } from './auth/request-context.ts'
import { answerRest } from './rest/rest.ts'
import { BASE_PATH, METRICS_PATH } from './rest/routes.ts'
import { createSockets } from './sockets/websocket.ts'
import { answerTrpc, TRPC_PATH } from './trpc/http-handler.ts'

/** The routes that the channel serves, until it is closed. */
export type Api = Required<Routes> & {
  /** The sockets and subscriptions that an org has open now. */
  heldBy(org: OrgId): Held
  close(): Promise<void>
}

/** With the base path and, for probes that do not know the base path, without it. */
const HEALTH_PATHS = [`${BASE_PATH}/healthz`, '/healthz']

/** The readiness paths for load balancers and orchestrators, with and without the base path. */
const READY_PATHS = [`${BASE_PATH}/readyz`, '/readyz']

const liesBelow = (path: string, base: string): boolean => path === base || path.startsWith(`${base}/`)

/** Answers that the process responds; open to anybody. */
const answerHealth = (exchange: Exchange): Promise<void> => answerProbe(exchange, 200, { status: 'ok' })

/**
 * Answers whether this host can serve anybody, but not why it cannot; open to anybody. A problem of one account, agent or org does
 * not make the host unready.
 */
const answerReady = (exchange: Exchange, { host }: Pick<ApiParts, 'host'>): Promise<void> =>
  host.isReady() ? answerProbe(exchange, 200, { status: 'ready' }) : answerProbe(exchange, 503, { status: 'not_ready' })

async function answerProbe(exchange: Exchange, status: 200 | 503, body: { status: string }): Promise<void> {
  if (exchange.request.method === 'GET' || exchange.request.method === 'HEAD') return answerJson(exchange, status, body)
  exchange.response.setHeader('allow', 'GET')
  return answerError(exchange, new ChannelError('method_not_allowed'))
}

function answererOf(path: string): ((exchange: Exchange, parts: ApiParts) => Promise<void>) | null {
  if (HEALTH_PATHS.includes(path)) return answerHealth
  if (READY_PATHS.includes(path)) return answerReady
  if (liesBelow(path, BASE_PATH) || path === METRICS_PATH) return answerRest
  return liesBelow(path, TRPC_PATH) ? answerTrpc : null
}

const pathOf = (url: string | undefined): string => (url ?? '').split('?', 1).join('')

/** @throws if the audit log cannot be written; the call must not continue then. */
async function verdictOn({ operations, host }: ApiParts, caller: Principal, call: HostCall): Promise<HostVerdict> {
  const { action, changes, requestId } = call
  const asked = { action, path: `host.${action}`, type: changes ? 'mutation' : 'query' } as const
  try {
    await admit({ operations, audit: host.audit, requestId }, caller, asked)
    return 'admitted'
  } catch (thrown) {
    if (thrown instanceof ChannelError && thrown.code === 'policy_denied') return 'policy_denied'
    throw thrown
  }
}

/** Serves the operations: REST below `/api/v1`, tRPC below `/trpc` over HTTP and WebSocket, metrics and health. */
export function createApi(operations: Operations, host: Hosting, limits: ApiLimits = API_LIMITS): Api {
  const { calls: perToken, clock } = limits
  const calls = new CallBuckets({ limits: perToken, clock, audit: host.audit, log: host.log })
  const sockets = createSockets({ operations, host, calls }, limits)
  const parts: ApiParts = { operations, host, calls, held: org => sockets.heldBy(org) }
  return {
    async handle(request, response) {
      const answer = answererOf(pathOf(request.url))
      if (answer === null) return false
      const exchange: Exchange = { request, response, requestId: requestIdOf(request) }
      setCommonHeaders(exchange)
      await answer(exchange, parts)
      return true
    },
    upgrade(request, socket, head) {
      if (pathOf(request.url) !== TRPC_PATH) return false
      sockets.upgrade(request, socket, head)
      return true
    },
    admit: (caller, call) => verdictOn(parts, caller, call),
    heldBy: org => sockets.heldBy(org),
    async close() {
      await sockets.close()
      await calls.close()
    },
  }
}
