import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { Principal } from '../../../plugin/contract/host.ts'
import type { Role } from '../../../plugin/contract/role.ts'
import { admitted, type AdmissionParts } from '../admission.ts'
import { refuse, requestIdOf, type Refusal } from '../refusal.ts'
import { csvOf } from './audit-csv.ts'
import { isEntryId, type AuditEntry } from './audit-entry.ts'
import { questionFrom, type AuditQuestion } from './audit-filters.ts'
import type { AuditLog } from './audit-log.ts'
import { STREAM_TIMES, tellEntries, type StreamTimes } from './audit-stream.ts'
import { withLowPriority } from './low-priority.ts'

/** What the audit routes need. */
export type AuditRouteParts = AdmissionParts & {
  readonly log: AuditLog
  /** Aborted when the host closes; streams end then. */
  readonly closing: AbortSignal
  readonly times?: StreamTimes
}

const PATH = /^\/api\/v1\/policies\/audit(?:(?<csv>\.csv)|\/(?<name>[^/]*))?$/
const READERS: ReadonlySet<Role> = new Set(['admin', 'owner'])
const DEFAULT_LIMIT = 100

const METHOD_NOT_ALLOWED: Refusal = { code: 'method_not_allowed', headers: { allow: 'GET, HEAD' } }
const FORBIDDEN: Refusal = {
  code: 'forbidden',
  message: 'This token may not read the audit log. Use one of an admin or the owner.',
}
const badRequest = (message: string): Refusal => ({ code: 'bad_request', message })

/** An admitted request and its response. */
type Exchange = {
  readonly parts: AuditRouteParts
  readonly principal: Principal
  readonly token: string
  readonly query: URLSearchParams
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Answers requests below `/api/v1/policies/audit`; false if the request is for something else. */
export async function serveAudit(
  parts: AuditRouteParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [path = '', query] = (request.url ?? '').split(/\?(.*)/s, 2)
  const found = PATH.exec(path)
  if (!found) return false
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const asked = { ...found.groups, query: new URLSearchParams(query) }
  const refusal = isRead ? await admitAndAnswer(parts, asked, { request, response }) : METHOD_NOT_ALLOWED
  if (refusal) refuse(refusal, request, response)
  return true
}

type Asked = { readonly csv?: string; readonly name?: string; readonly query: URLSearchParams }

async function admitAndAnswer(
  parts: AuditRouteParts,
  { query, ...path }: Asked,
  { request, response }: Pick<Exchange, 'request' | 'response'>,
): Promise<Refusal | null> {
  const caller = await admitted(parts, request, { action: actionOf(path), roles: READERS, changes: false })
  if ('refusal' in caller) return caller.refusal.code === 'forbidden' ? FORBIDDEN : caller.refusal
  return answer({ ...caller, parts, query, request, response }, path)
}

/** The name of the action in policies. */
function actionOf({ name }: Pick<Asked, 'name'>): `audit.${string}` {
  if (name === undefined) return 'audit.list'
  return name === 'stream' ? 'audit.watch' : 'audit.get'
}

/** Answers the request, or returns why it did not. */
function answer(exchange: Exchange, { csv, name }: { csv?: string; name?: string }): Promise<Refusal | null> {
  if (csv !== undefined) return answerCsv(exchange)
  if (name === undefined) return answerList(exchange)
  if (exchange.query.size > 0) return Promise.resolve(badRequest('This call takes no query parameters.'))
  return name === 'stream' ? answerStream(exchange) : answerOne(exchange, name)
}

async function answerOne(exchange: Exchange, id: string): Promise<Refusal | null> {
  const { parts, principal } = exchange
  const entry = isEntryId(id) ? parts.log.find(principal.org, id) : null
  if (!entry) return { code: 'not_found' }
  answerJson(exchange, entry)
  return null
}

type Search = { readonly question: AuditQuestion; readonly pages: AsyncIterable<AuditEntry[]> }

/** The pages that the query requests, or the refusal of an invalid query. */
function searchFor({ parts: { log }, principal: { org }, query }: Exchange, defaultLimit: number | null) {
  const asked = questionFrom(query)
  if (typeof asked === 'string') return badRequest(asked)
  const question = { ...asked, limit: asked.limit ?? defaultLimit }
  const below = question.before === null ? log.lastSeq(org) + 1 : log.find(org, question.before)?.seq
  if (below === undefined) return badRequest('"before" names no entry that is kept.')
  return { question, pages: log.search(org, question, below) } satisfies Search
}

async function answerList(exchange: Exchange): Promise<Refusal | null> {
  const search = searchFor(exchange, DEFAULT_LIMIT)
  if (!('pages' in search)) return search
  const entries: AuditEntry[] = []
  for await (const page of search.pages) entries.push(...page)
  answerJson(exchange, { entries })
  return null
}

async function answerCsv(exchange: Exchange): Promise<Refusal | null> {
  const search = searchFor(exchange, null)
  if (!('pages' in search)) return search
  const headers = { 'content-disposition': 'attachment; filename="audit.csv"' }
  if (!begin(exchange, 'text/csv; charset=utf-8; header=present', headers)) return null
  await pipeline(Readable.from(withLowPriority(csvOf(search.pages))), exchange.response).catch(
    (error: NodeJS.ErrnoException) => {
      // The caller has hung up, so the rest is not needed.
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
    },
  )
  return null
}

async function answerStream(exchange: Exchange): Promise<Refusal | null> {
  const { parts, principal, token, request, response } = exchange
  const { log, closing, times = STREAM_TIMES } = parts
  const given = request.headers['last-event-id'] ?? ''
  if (!/^[0-9]{0,15}$/.test(String(given))) return badRequest('"Last-Event-ID" must be the "seq" of an entry.')
  const last = log.lastSeq(principal.org)
  const after = given === '' ? last : Math.min(Number(given), last)
  if (!begin(exchange, 'text/event-stream', {})) return null
  response.flushHeaders()
  const over = new AbortController()
  const end = (): void => over.abort()
  response.once('close', end)
  closing.addEventListener('abort', end)
  const isWelcome = async (): Promise<boolean> => {
    const now = await parts.authenticate(token)
    return now !== null && now.org === principal.org && READERS.has(now.role)
  }
  try {
    await tellEntries({ log, org: principal.org, after, times, isWelcome, signal: over.signal }, response)
  } finally {
    closing.removeEventListener('abort', end)
  }
  if (!response.destroyed) response.end()
  return null
}

/** Sends the head of an answer, and ends the answer for HEAD. Returns whether a body follows. */
function begin({ request, response }: Exchange, type: string, headers: Readonly<Record<string, string>>): boolean {
  response.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestIdOf(request),
    ...headers,
  })
  if (request.method === 'HEAD') response.end()
  return request.method !== 'HEAD'
}

function answerJson(exchange: Exchange, value: unknown): void {
  const body = JSON.stringify(value)
  const length = { 'content-length': String(Buffer.byteLength(body)) }
  if (begin(exchange, 'application/json; charset=utf-8', length)) exchange.response.end(body)
}
