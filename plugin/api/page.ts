import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ChannelError } from '../contract/errors/errors.ts'
import type { Routes } from '../contract/host.ts'
import type { Panel } from '../contract/panel.ts'
import { answerError, type Exchange, setCommonHeaders } from './http/response.ts'
import { requestIdOf } from './auth/request-context.ts'

/** The path of the page. */
const PAGE_PATH = '/channels'

/** Allows only scripts, resources and requests of this server; QR codes are images in `data:`. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "frame-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const PARTS = [
  { path: PAGE_PATH, file: 'page.html', type: 'text/html; charset=utf-8' },
  { path: `${PAGE_PATH}/page.js`, file: 'page.js', type: 'text/javascript; charset=utf-8' },
  { path: `${PAGE_PATH}/page.css`, file: 'page.css', type: 'text/css; charset=utf-8' },
] as const

type Part = (typeof PARTS)[number]

const ESCAPED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, found => ESCAPED[found] ?? '')

const metaOf = ({ title, path }: Panel): string =>
  `<meta name="panel" content="${escaped(path)}" data-title="${escaped(title)}" />`

function bodyOf({ file }: Part, folder: string, panels: readonly Panel[]): Buffer {
  const bytes = readFileSync(join(folder, file))
  if (file !== 'page.html') return bytes
  return Buffer.from(bytes.toString('utf8').replace('</head>', `${panels.map(metaOf).join('')}</head>`))
}

/** Sends a part, unless the browser has the current version. */
function answerPart({ request, response }: Exchange, { type }: Part, body: Buffer): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  response.setHeader('content-security-policy', POLICY)
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('cache-control', 'no-cache')
  response.setHeader('etag', etag)
  if (request.headers['if-none-match'] === etag) {
    response.statusCode = 304
    response.end()
    return
  }
  response.setHeader('content-type', type)
  response.setHeader('content-length', body.byteLength)
  response.end(request.method === 'HEAD' ? undefined : body)
}

/**
 * Serves the page at `/channels` to anybody: it contains nothing secret, and asks its user for a token. `folder` is the folder of
 * the bundle; `panels` are the host's own pages that it shows.
 */
export function createPage(folder: string, panels: readonly Panel[]): Pick<Routes, 'handle'> {
  return {
    async handle(request, response) {
      const [path] = (request.url ?? '').split('?', 1)
      const part = PARTS.find(each => each.path === path)
      if (!part) return false
      const exchange = { request, response, requestId: requestIdOf(request) }
      setCommonHeaders(exchange)
      if (request.method === 'GET' || request.method === 'HEAD') {
        answerPart(exchange, part, bodyOf(part, folder, panels))
        return true
      }
      response.setHeader('allow', 'GET, HEAD')
      await answerError(exchange, new ChannelError('method_not_allowed'))
      return true
    },
  }
}
