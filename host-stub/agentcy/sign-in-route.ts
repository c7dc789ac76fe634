import type { IncomingMessage, ServerResponse } from 'node:http'

import { z } from 'zod'

import { readJson } from './json-body.ts'
import { refuse, requestIdOf, type Refusal } from './refusal.ts'
import type { SignInCodes } from './sign-in-codes.ts'
import type { Tokens } from './tokens.ts'

/** What the sign-in routes need. */
export type SignInParts = { readonly codes: SignInCodes; readonly tokens: Tokens }

const PATH = '/api/v1/auth/exchange'
const LARGEST_BODY_BYTES = 1_000
const body = z.strictObject({ code: z.string().min(1).max(128) })

const METHOD_NOT_ALLOWED: Refusal = {
  code: 'method_not_allowed',
  message: 'Only POST is answered here.',
  headers: { allow: 'POST' },
}
const BAD_REQUEST: Refusal = { code: 'bad_request', message: 'Send {"code":"…"} as "Content-Type: application/json".' }
const SPENT: Refusal = {
  code: 'unauthorized',
  message: 'This link was used already, or is too old. Restart the host for another, or give a token.',
}

/**
 * Answers `POST /api/v1/auth/exchange`: exchanges the code of a sign-in link for a page token; false if the request is for
 * something else. A code cannot be guessed, so failed attempts are not counted.
 */
export async function serveSignIn(
  { codes, tokens }: SignInParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (request.url?.split('?')[0] !== PATH) return false
  if (request.method !== 'POST') {
    refuse(METHOD_NOT_ALLOWED, request, response)
    return true
  }
  const given = body.safeParse(await readJson(request, LARGEST_BODY_BYTES))
  const owner = given.success ? codes.take(given.data.code) : null
  if (owner) answer(tokens.mintForPage(owner), request, response)
  else refuse(given.success ? SPENT : BAD_REQUEST, request, response)
  return true
}

function answer(minted: ReturnType<Tokens['mintForPage']>, request: IncomingMessage, response: ServerResponse): void {
  sendJson({ token: minted.token, expires_at: minted.record.expires_at }, request, response)
}

function sendJson(value: unknown, request: IncomingMessage, response: ServerResponse): void {
  const text = JSON.stringify(value)
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestIdOf(request),
  })
  response.end(text)
}

const OWN_TOKEN = '/api/v1/auth/token'
const BEARER = /^Bearer ([^\s]+)$/i

/**
 * Answers `DELETE /api/v1/auth/token`: signing out of the page revokes the token that was created for it. Any other token stays
 * valid, since its owner uses it elsewhere. False if the request is for something else.
 */
export function serveSignOut(
  { tokens }: Pick<SignInParts, 'tokens'>,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (request.url?.split('?')[0] !== OWN_TOKEN) return false
  const [, token = ''] = BEARER.exec(request.headers.authorization ?? '') ?? []
  if (request.method !== 'DELETE')
    refuse(
      { ...METHOD_NOT_ALLOWED, message: 'Only DELETE is answered here.', headers: { allow: 'DELETE' } },
      request,
      response,
    )
  else if (tokens.authenticate(token) === null) refuse('unauthorized', request, response)
  else sendJson({ revoked: tokens.endOfPage(token) }, request, response)
  return true
}
