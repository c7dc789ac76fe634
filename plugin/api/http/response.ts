import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { type ChannelError, ERRORS } from '../../contract/errors/errors.ts'
import { errorBody } from './error-shape.ts'

/** An HTTP request, its response, and the id of both. */
export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
}

const LATE_BODY_MS = 2_000

const secondsUntil = (instant: string): number => Math.max(1, Math.ceil((Date.parse(instant) - Date.now()) / 1_000))

/** Sets the headers of every answer. Answers contain QR codes and texts, so they must not be cached. */
export function setCommonHeaders({ response, requestId }: Exchange): void {
  response.setHeader('x-request-id', requestId)
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
}

function writeJson(response: ServerResponse, status: number, value: unknown): void {
  const text = Buffer.from(JSON.stringify(value))
  response.statusCode = status
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.setHeader('content-length', text.byteLength)
  response.write(text)
}

/** Answers with JSON. */
export function answerJson(exchange: Exchange, status: number, value: unknown): void {
  writeJson(exchange.response, status, value)
  exchange.response.end()
}

/** Answers with text in the format of Prometheus. */
export function answerText({ response }: Exchange, text: string): void {
  response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  response.end(text)
}

/** The `retry-after` header: the latest retry time of refusals with status 429. */
export function retryHeaders(refusals: readonly ChannelError[]): Record<string, string> {
  const instants = refusals.flatMap(({ code, more }) => (ERRORS[code].status === 429 ? (more.retry_at ?? []) : []))
  if (instants.length === 0) return {}
  const waitMs = Math.max(...instants.map(at => Date.parse(at))) - Date.now()
  return { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) }
}

/**
 * Answers a refusal with `value`. If the body was too large, closes the connection, but first gives the caller time to stop sending
 * and to read: unread data makes the system reset the connection, which loses the answer.
 */
export async function answerRefused(exchange: Exchange, refusal: ChannelError, value: unknown): Promise<void> {
  const { request, response } = exchange
  const { status } = ERRORS[refusal.code]
  const { retry_at } = refusal.more
  if (retry_at !== undefined) response.setHeader('retry-after', secondsUntil(retry_at))
  if (refusal.code === 'unauthorized') response.setHeader('www-authenticate', 'Bearer')
  for (const [name, when] of Object.entries(retryHeaders([refusal]))) response.setHeader(name, when)
  if (refusal.code !== 'body_too_large') return answerJson(exchange, status, value)
  response.setHeader('connection', 'close')
  writeJson(response, status, value)
  request.resume()
  if (!request.complete) {
    await once(request, 'close', { signal: AbortSignal.timeout(LATE_BODY_MS) }).catch(() => undefined)
  }
  response.end()
}

/** Answers with the body of a refused REST request. */
export function answerError(exchange: Exchange, refusal: ChannelError): Promise<void> {
  return answerRefused(exchange, refusal, errorBody(refusal, exchange.requestId))
}
