import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'

import { refuse, requestIdOf } from './refusal.ts'

/** The page may only run and load files of this server and send requests to it. Pages of other sites may not frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "frame-ancestors 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** The folder of a bundled page, and the path at which it is served. */
export type PageFiles = { readonly folder: string; readonly path: string }

const partsOf = (path: string) => [
  { path, file: 'page.html', type: 'text/html; charset=utf-8' },
  { path: `${path}/page.js`, file: 'page.js', type: 'text/javascript; charset=utf-8' },
  { path: `${path}/page.css`, file: 'page.css', type: 'text/css; charset=utf-8' },
]

/** Serves a page to anybody, since it contains no secrets; false if the request is for something else. */
export function servePage({ folder, path }: PageFiles, request: IncomingMessage, response: ServerResponse): boolean {
  const asked = request.url?.split('?')[0]
  const part = partsOf(path).find(each => each.path === asked)
  if (!part) return false
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse({ code: 'method_not_allowed', headers: { allow: 'GET, HEAD' } }, request, response)
    return true
  }
  const body = readFileSync(join(folder, part.file))
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  const isKnown = request.headers['if-none-match'] === etag
  response.writeHead(isKnown ? 304 : 200, {
    'content-type': part.type,
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestIdOf(request),
    'cache-control': 'no-cache',
    etag,
  })
  response.end(isKnown || request.method === 'HEAD' ? undefined : body)
  return true
}
