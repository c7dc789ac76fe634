import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

import { ulid } from 'ulid'

import type { ErrorCode } from '../../plugin/contract/errors/errors.ts'

/** The host's own refusals, in the same format as the plugin's errors. */
const REFUSALS = {
  bad_request: { status: 400, message: 'This is not an HTTP request that can be understood.' },
  origin_refused: {
    status: 403,
    message: 'Requests for another host name or from another origin are refused. Use the address of this host.',
  },
  unauthorized: { status: 401, message: 'Send a valid token as "Authorization: Bearer <token>".' },
  forbidden: { status: 403, message: 'This token may not do that. Use one of a member, an admin or the owner.' },
  policy_denied: {
    status: 403,
    message:
      'A policy of this org denies this call. GET /api/v1/policies lists the policies; the audit log names the rule.',
  },
  method_not_allowed: { status: 405, message: 'Only GET and HEAD are answered here.' },
  not_found: { status: 404, message: 'Nothing exists under this id. List what exists and use its id.' },
  media_too_large: { status: 413, message: 'The file is larger than 100 MiB, the most that WhatsApp carries.' },
  over_quota: {
    status: 413,
    message:
      'The files of this org have reached their storage limit. Old files are deleted with their messages ("retention_days"); the operator of the host can raise the limit.',
  },
  stopping: { status: 503, message: 'The channel is starting or stopping. Try again in a moment.' },
  internal: { status: 500, message: 'An internal error occurred. Search the log for the request id.' },
} as const satisfies Partial<Record<ErrorCode, { status: number; message: string }>>

/** The codes of the host's own refusals. */
export type RefusalCode = keyof typeof REFUSALS

/** A refusal with its own sentence, or with additional headers. */
export type Refusal = {
  readonly code: RefusalCode
  /** The sentence of the code if missing. */
  readonly message?: string
  readonly headers?: Readonly<Record<string, string>>
}

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }

const REQUEST_ID = /^[A-Za-z0-9_.-]{1,64}$/
const STATUS_LINES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** The request id that the caller sent, or a new one. */
export function requestIdOf(request: IncomingMessage | null): string {
  const given = request?.headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : `req_${ulid()}`
}

function answerFor(refusal: RefusalCode | Refusal, requestId: string): Answer {
  const { code, message, headers: more }: Refusal = typeof refusal === 'string' ? { code: refusal } : refusal
  const { status, message: usual } = REFUSALS[code]
  const body = JSON.stringify({ error: { code, message: message ?? usual, request_id: requestId } })
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    connection: 'close',
    ...more,
  }
  return { status, headers, body }
}

/**
 * Refuses a request. If the response was already started, the connection is closed, because the head cannot be changed any more.
 */
export function refuse(refusal: RefusalCode | Refusal, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { status, headers, body } = answerFor(refusal, requestIdOf(request))
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body)
}

/** Refuses on a bare socket: for an upgrade, or for bytes that are not HTTP. */
export function refuseSocket(code: RefusalCode, request: IncomingMessage | null, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { status, headers, body } = answerFor(code, requestIdOf(request))
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_LINES[status] ?? ''}`, ...head, '', body].join('\r\n'))
}
