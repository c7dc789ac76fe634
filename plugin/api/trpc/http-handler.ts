import { once } from 'node:events'

import { transformTRPCResponse } from '@trpc/server'
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http'

import { ChannelError } from '../../contract/errors/errors.ts'
import { answerRefused, retryHeaders, type Exchange } from '../http/response.ts'
import { logUnforeseen, refusalOf, refusalShape } from '../http/error-shape.ts'
import { MOST_BODY_BYTES } from '../http/request-body.ts'
import { isProcedurePath, PROCEDURES } from './procedures.ts'
import { type ApiParts, idempotencyKeyOf, senderOf, type RequestContext } from '../auth/request-context.ts'
import { appRouter } from './router.ts'

/** The base path of procedures, and the path of WebSockets. */
export const TRPC_PATH = '/trpc'

const MOST_CALLS = 20

const isSubscription = (path: string): boolean => isProcedurePath(path) && PROCEDURES[path]._def.type === 'subscription'

async function admit(exchange: Exchange, path: string, parts: ApiParts) {
  const { request } = exchange
  const sender = await senderOf(exchange, parts)
  if (sender === null) throw new ChannelError('unauthorized')
  sender.calls.expect()
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw new ChannelError('body_too_large')
  if (isSubscription(path)) {
    throw new ChannelError('bad_request', `Subscriptions are served over a WebSocket at ${TRPC_PATH}.`)
  }
  return sender
}

async function answerCalls(exchange: Exchange, path: string, parts: ApiParts): Promise<void> {
  const { request, response, requestId } = exchange
  const { principal, calls } = await admit(exchange, path, parts)
  const context: RequestContext = {
    operations: parts.operations,
    audit: parts.host.audit,
    log: parts.host.log,
    principal,
    requestId,
    idempotencyKey: idempotencyKeyOf(request),
    socket: null,
    calls,
  }
  const closed = once(response, 'close')
  const answered = nodeHTTPRequestHandler({
    router: appRouter,
    req: request,
    res: response,
    path,
    maxBodySize: MOST_BODY_BYTES,
    allowMethodOverride: true,
    maxBatchSize: MOST_CALLS,
    createContext: () => context,
    responseMeta: ({ errors }) => ({ headers: retryHeaders(errors.map(refusalOf)) }),
    onError: ({ error, path: procedure = 'none' }) => logUnforeseen(parts.host.log, error, { requestId, procedure }),
  })
  // `answered` settles when the response was sent; if the caller hangs up earlier, `closed` settles instead.
  await Promise.race([answered, closed])
}

/** Answers a query, a mutation, or a batch, over HTTP. Checks the caller before reading anything else of the request. */
export async function answerTrpc(exchange: Exchange, parts: ApiParts): Promise<void> {
  const path = (exchange.request.url ?? '')
    .split('?', 1)
    .join('')
    .slice(TRPC_PATH.length + 1)
  try {
    await answerCalls(exchange, path, parts)
  } catch (thrown) {
    const refusal = refusalOf(thrown)
    logUnforeseen(parts.host.log, thrown, { requestId: exchange.requestId, procedure: 'none' })
    const error = refusalShape(refusal, exchange.requestId)
    await answerRefused(exchange, refusal, transformTRPCResponse(appRouter._def._config, { error }))
  }
}
