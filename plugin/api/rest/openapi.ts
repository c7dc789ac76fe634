import { lookupRefusal } from '../../contract/api/contacts.ts'
import { policyProblemSchema } from '../../contract/api/policies.ts'
import { z } from 'zod'

import { idempotencyKeySchema, sendRequest } from '../../contract/api/sends.ts'
import { ERRORS, type ErrorCode } from '../../contract/errors/errors.ts'
import { UNREACHABLE_REASONS } from '../../contract/errors/error-details.ts'
import { ruleOf } from '../trpc/procedures.ts'
import { TAGS, tagOf } from './route-tags.ts'
import type { Route } from './route.ts'
import { BASE_PATH, ROUTES } from './routes.ts'
import { sendSchema } from '../trpc/send-schema.ts'

type JsonObject = Readonly<Record<string, unknown>>

function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = schema === sendRequest ? sendSchema() : z.toJSONSchema(schema, { io })
  return rest
}

function parametersOf({ input, procedure }: Route): JsonObject[] {
  const idempotencyKey = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'The same key and body name the same send, for 30 days',
    schema: schemaOf(idempotencyKeySchema, 'input'),
  }
  if (input.from === 'nothing') return []
  const inQuery = 'query' in input && input.query ? parametersIn('query', input.query) : []
  if (input.from === 'body') return procedure === 'whatsapp.send' ? [...inQuery, idempotencyKey] : inQuery
  return [...parametersIn(input.from, input.schema), ...inQuery]
}

function parametersIn(place: 'path' | 'query', { shape }: z.ZodObject): JsonObject[] {
  return Object.entries(shape).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(schema, undefined).success,
    schema: schemaOf(schema, 'input'),
  }))
}

function refusalsOf({ input, procedure, refusals }: Route): Set<ErrorCode> {
  const role = procedure === null ? 'viewer' : ruleOf(procedure).role
  return new Set<ErrorCode>([
    'bad_request',
    'bad_json',
    'unauthorized',
    'too_many_calls',
    ...(role === 'viewer' ? [] : (['forbidden'] as const)),
    ...(procedure === null ? [] : (['policy_denied'] as const)),
    'body_too_large',
    'unsupported_media_type',
    ...refusals,
    ...(input.from === 'path' ? (['not_found'] as const) : []),
    'internal',
    'stopping',
  ])
}

function refusalResponses(route: Route): JsonObject {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of refusalsOf(route)) {
    const { status } = ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const responses = [...byStatus].map(([status, codes]) => [
    String(status),
    {
      description: codes.map(code => `\`${code}\`: ${ERRORS[code].sentence}`).join('\n\n'),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    },
  ])
  return Object.fromEntries(responses) as JsonObject
}

function operationIdOf({ procedure, text, deprecated }: Route): string {
  if (procedure === null) return text ? 'metrics' : 'openapi'
  return deprecated ? `${procedure}.deprecated` : procedure
}

function operationOf(route: Route): JsonObject {
  const { input } = route
  const schema = input.from === 'body' ? input.schema : input.from === 'path' ? input.body : undefined
  const body = schema && {
    requestBody: {
      required: (input.from === 'body' && !input.mayBeMissing) || !schema.safeParse({}).success,
      content: { 'application/json': { schema: schemaOf(schema, 'input') } },
    },
  }
  return {
    tags: [tagOf(route)],
    operationId: operationIdOf(route),
    ...(route.deprecated && { deprecated: true }),
    summary: route.summary,
    parameters: parametersOf(route),
    ...body,
    responses: {
      [String(route.status)]: {
        description: route.summary,
        headers: { 'x-request-id': { $ref: '#/components/headers/RequestId' } },
        content: { [route.text ? 'text/plain' : 'application/json']: { schema: schemaOf(route.response, 'output') } },
      },
      ...refusalResponses(route),
    },
  }
}

function pathsOf(routes: readonly Route[]): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return paths
}

const ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'request_id'],
      properties: {
        code: { type: 'string', enum: Object.keys(ERRORS) },
        message: { type: 'string', description: 'For a person: what is wrong and what to do' },
        request_id: { type: 'string' },
        problems: {
          type: 'array',
          description: 'Of policy_refused: what is wrong with which policy, and where',
          items: schemaOf(policyProblemSchema, 'output'),
        },
        retry_at: schemaOf(lookupRefusal.retry_at, 'output'),
        known: schemaOf(lookupRefusal.known, 'output'),
        reason: {
          type: 'string',
          enum: UNREACHABLE_REASONS,
          description: 'Of gateway_unreachable: why; the message says what to do',
        },
      },
    },
  },
}

let known: JsonObject | null = null

/** The description of the REST interface: OpenAPI 3.1, derived from the route table. Made at the first call, so that no host starts later for it. */
export function openApiDocument(): JsonObject {
  known ??= describe()
  return known
}

function describe(): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'WhatsApp channel for Agentcy',
      version: '1.0.0',
      description: 'Link a phone, bind its chats to agents, send, and read what was written.',
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    tags: TAGS,
    servers: [{ url: BASE_PATH }],
    security: [{ bearer: [] }],
    paths: pathsOf(ROUTES),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: ERROR_SCHEMA },
      headers: {
        RequestId: {
          description: 'The x-request-id of the request when it had a usable one, else a new one',
          schema: { type: 'string' },
        },
      },
    },
  }
}
