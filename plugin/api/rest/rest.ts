import { callTRPCProcedure } from '@trpc/server'

import { ChannelError } from '../../contract/errors/errors.ts'
import type { Principal } from '../../contract/host.ts'
import { answerError, answerJson, answerText, type Exchange } from '../http/response.ts'
import { admit } from '../auth/authorization.ts'
import { logUnforeseen, refusalOf } from '../http/error-shape.ts'
import { openApiDocument } from './openapi.ts'
import { type ProcedurePath, PROCEDURES } from '../trpc/procedures.ts'
import { readJson } from '../http/request-body.ts'
import { type ApiParts, idempotencyKeyOf, senderOf } from '../auth/request-context.ts'
import { appRouter } from '../trpc/router.ts'
import type { Route } from './route.ts'
import { BASE_PATH, METRICS_PATH, ROUTES } from './routes.ts'

type Parameters = Readonly<Record<string, string>>
type Match = { readonly route: Route; readonly parameters: Parameters }

function parametersOf(pattern: string, path: string): Parameters | null {
  const names = pattern.split('/')
  const segments = path.split('/')
  if (names.length !== segments.length) return null
  const parameters: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const segment = segments[index] ?? ''
    if (name.startsWith(':') && segment !== '') parameters[name.slice(1)] = segment
    else if (name !== segment) return null
  }
  return parameters
}

function decoded(parameters: Parameters): Parameters {
  try {
    const entries = Object.entries(parameters).map(([name, value]) => [name, decodeURIComponent(value)] as const)
    return Object.fromEntries(entries)
  } catch {
    throw new ChannelError('bad_request', 'The path is not valid percent-encoding of UTF-8.')
  }
}

function findRoute({ request, response }: Exchange, path: string): Match {
  const below = path === METRICS_PATH ? path : path.slice(BASE_PATH.length)
  const matches = ROUTES.flatMap(route => {
    const parameters = parametersOf(route.path, below)
    return parameters === null ? [] : [{ route, parameters }]
  })
  if (matches.length === 0) throw new ChannelError('not_found')
  const match = matches.find(({ route }) => route.method === request.method)
  if (match) return match
  response.setHeader('allow', matches.map(({ route }) => route.method).join(', '))
  throw new ChannelError('method_not_allowed')
}

function queryOf(search: string): Record<string, unknown> {
  const query = new URLSearchParams(search)
  const entries = [...new Set(query.keys())].map(key => {
    const values = query.getAll(key)
    return [key, values.length === 1 ? values[0] : values] as const
  })
  return Object.fromEntries(entries)
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0

/** The body's fields, in addition to the parameters of the path or query. The body must not repeat a parameter. */
function besides(body: unknown, parameters: object): object {
  if (body === undefined) return {}
  const fits = typeof body === 'object' && body !== null && !Array.isArray(body)
  if (fits && !Object.keys(body).some(key => Object.hasOwn(parameters, key))) return body
  throw new ChannelError('bad_request')
}

/** The query's parameters, if the call accepts them. */
function queryFor({ input }: Route, search: string): Record<string, unknown> {
  const query = queryOf(search)
  if (input.from === 'query') return query
  const taken = 'query' in input && input.query ? input.query.shape : {}
  if (Object.keys(query).every(key => Object.hasOwn(taken, key))) return query
  const names = Object.keys(taken).map(key => `"${key}"`)
  const but = names.length === 0 ? '' : ` but ${names.join(', ')}`
  throw new ChannelError('bad_request', `This call takes no query parameters${but}.`)
}

/** `If-Match` names the version to change (RFC 9110 §13.1.1); the body may name it too. */
function versionMeant({ headers, method }: Exchange['request']): { version?: number } {
  const given = headers['if-match']
  if (method !== 'PATCH' || given === undefined || given === '*') return {}
  const [, version] = /^"?([0-9]{1,9})"?$/.exec(given) ?? []
  if (version === undefined)
    throw new ChannelError('bad_request', 'If-Match takes the "version" of what is to be changed.')
  return { version: Number(version) }
}

async function inputOf({ request }: Exchange, { route, parameters }: Match, search: string): Promise<unknown> {
  const { from } = route.input
  const query = queryFor(route, search)
  const body = await readJson(request)
  if (from === 'body') return Object.keys(query).length === 0 ? body : { ...besides(body, query), ...query }
  if (route.input.from === 'path' && route.input.body) {
    return { ...versionMeant(request), ...besides(body, parameters), ...query, ...decoded(parameters) }
  }
  if (body !== undefined && !isEmptyObject(body)) throw new ChannelError('bad_request', 'This call takes no body.')
  if (from === 'query') return query
  return from === 'path' ? { ...query, ...decoded(parameters) } : undefined
}

type Call = { readonly exchange: Exchange; readonly principal: Principal; readonly input: unknown }

async function run({ operations, host }: ApiParts, path: ProcedurePath, call: Call): Promise<unknown> {
  const { request, requestId } = call.exchange
  return callTRPCProcedure({
    router: appRouter,
    path,
    type: PROCEDURES[path]._def.type,
    getRawInput: async () => call.input,
    ctx: {
      operations,
      audit: host.audit,
      log: host.log,
      principal: call.principal,
      requestId,
      idempotencyKey: idempotencyKeyOf(request),
      socket: null,
      calls: null,
    },
    signal: undefined,
    batchIndex: 0,
  })
}

/**
 * Answers one request below `/api/v1`, or for the metrics at the root. Checks the caller first, then the route, then the input, and
 * runs the same procedure as tRPC.
 */
export async function answerRest(exchange: Exchange, parts: ApiParts): Promise<void> {
  const [path = '', search = ''] = (exchange.request.url ?? '').split(/\?(.*)/s, 2)
  let procedure = 'none'
  const { host } = parts
  try {
    const sender = await senderOf(exchange, parts)
    if (sender === null) throw new ChannelError('unauthorized')
    const { principal, calls } = sender
    calls.take()
    const match = findRoute(exchange, path)
    const { route } = match
    procedure = route.procedure ?? route.path
    const input = await inputOf(exchange, match, search)
    if (route.procedure === null) {
      const judging = { ...parts, audit: host.audit, requestId: exchange.requestId }
      const action = route.text ? 'channel.metrics' : 'channel.openapi'
      await admit(judging, principal, { action, path: procedure, type: 'query' })
      if (!route.text) return answerJson(exchange, route.status, openApiDocument())
      return answerText(exchange, await parts.operations.metrics.text(principal.org, parts.held(principal.org)))
    }
    const output = await run(parts, route.procedure, { exchange, principal, input })
    answerJson(exchange, route.status, output)
  } catch (thrown) {
    logUnforeseen(host.log, thrown, { requestId: exchange.requestId, procedure })
    await answerError(exchange, refusalOf(thrown))
  }
}
