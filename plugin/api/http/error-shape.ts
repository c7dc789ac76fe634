import { TRPCError, type TRPCErrorShape } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { z } from 'zod'

import type { ErrorBody } from '../../contract/errors/error-body.ts'
import { ChannelError, ERRORS, type ErrorCode } from '../../contract/errors/errors.ts'
import type { Log } from '../../contract/host.ts'

/** An error message repeats a caller's unknown key only if it looks like a key: it could be a misplaced text or phone number. */
const KEY = /^[a-z][a-z0-9_]{0,31}$/i
const MOST_ISSUES = 3

type Issue = z.core.$ZodIssue

function sentenceOf(issue: Issue): string {
  const field = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map(key => (KEY.test(key) ? `"${key}"` : 'a key')).join(', ')
    return `${field === '' ? 'the request' : `"${field}"`} does not take ${keys}`
  }
  return field === '' ? issue.message : `"${field}" ${issue.message.replace(/^Invalid input: /, '')}`
}

/** Names the invalid fields and the reasons; contains no value of the request. */
export function invalidRequest(error: z.ZodError): ChannelError {
  const issues = error.issues.slice(0, MOST_ISSUES).map(sentenceOf)
  return new ChannelError('bad_request', `The request does not fit the schema: ${issues.join('; ')}.`)
}

const CODE_OF: Partial<Record<TRPCError['code'], ErrorCode>> = {
  PARSE_ERROR: 'bad_json',
  BAD_REQUEST: 'bad_request',
  UNAUTHORIZED: 'unauthorized',
  FORBIDDEN: 'forbidden',
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  PAYLOAD_TOO_LARGE: 'body_too_large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  UNPROCESSABLE_CONTENT: 'bad_request',
}

/**
 * The error that callers see for anything thrown in or around a procedure. tRPC's own messages are dropped because they repeat the
 * request.
 */
export function refusalOf(thrown: unknown): ChannelError {
  if (thrown instanceof ChannelError) return thrown
  if (!(thrown instanceof TRPCError)) return new ChannelError('internal')
  if (thrown.cause instanceof ChannelError) return thrown.cause
  if (thrown.code === 'BAD_REQUEST' && thrown.cause instanceof z.ZodError) return invalidRequest(thrown.cause)
  if (thrown.code === 'BAD_REQUEST' && thrown.cause instanceof SyntaxError) return new ChannelError('bad_json')
  return new ChannelError(CODE_OF[thrown.code] ?? 'internal')
}

/** The body of a refused REST request. */
export function errorBody(refusal: ChannelError, requestId: string): ErrorBody {
  const { code, message, more } = refusal
  return { error: { code, message, request_id: requestId, ...more } }
}

/** tRPC's error format: its own fields, plus the body that REST would send. */
export type RefusalShape = TRPCErrorShape<{
  readonly code: TRPCError['code']
  readonly httpStatus: number
  readonly error: ErrorBody['error']
}>

/** The refusal in tRPC's format. */
export function refusalShape(refusal: ChannelError, requestId: string): RefusalShape {
  const row = ERRORS[refusal.code]
  return {
    message: refusal.message,
    code: TRPC_ERROR_CODES_BY_KEY[row.trpc],
    data: { code: row.trpc, httpStatus: row.status, error: errorBody(refusal, requestId).error },
  }
}

const LOGGABLE_CODE = /^[A-Z][A-Z0-9_]{0,63}$/

/** Logs an unexpected error, by its name and code only: the message may contain a text that a person wrote. */
export function logUnforeseen(log: Log, thrown: unknown, where: { requestId: string; procedure: string }): void {
  if (refusalOf(thrown).code !== 'internal') return
  const cause = thrown instanceof TRPCError ? (thrown.cause ?? thrown) : thrown
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  log.error(
    {
      request_id: where.requestId,
      procedure: where.procedure,
      error: cause instanceof Error ? cause.name : typeof cause,
      code: typeof code === 'string' && LOGGABLE_CODE.test(code) ? code : undefined,
    },
    'api.failed',
  )
}
