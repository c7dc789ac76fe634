import { readFile } from 'node:fs/promises'

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'

import { openApiDocument } from '../../../plugin/api/rest/openapi.ts'
import { ROUTES } from '../../../plugin/api/rest/routes.ts'
import { sendSchema } from '../../../plugin/api/trpc/send-schema.ts'
import { sendRequest } from '../../../plugin/contract/api/sends.ts'
import { ERRORS } from '../../../plugin/contract/errors/errors.ts'

type Schema = { readonly schema: Record<string, unknown> }
type Content = { 'application/json': Schema; 'text/plain'?: Schema }
type Operation = {
  operationId: string
  deprecated?: true
  tags: string[]
  parameters: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[]
  requestBody?: { content: Content }
  responses: Record<string, { content: Content }>
}
type Document = {
  openapi: string
  info: { license: object }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, object>
}

const document = openApiDocument() as unknown as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)
const newAjv = () =>
  new Ajv2020({
    strict: false,
    code: { optimize: false },
    formats: { 'date-time': true, base64: true, uri: true },
  }).addSchema(document, 'openapi.json')

const ajv = newAjv()

function schemasOf(operation: Operation): Record<string, unknown>[] {
  return [
    ...operation.parameters.map(parameter => parameter.schema),
    ...(operation.requestBody ? [operation.requestBody.content['application/json'].schema] : []),
    ...Object.values(operation.responses).flatMap(({ content }) => Object.values(content).map(({ schema }) => schema)),
  ]
}

describe('the OpenAPI document', () => {
  it('describes every route of the table, and no other', () => {
    const described = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`)
    const served = ROUTES.map(route => `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`)
    expect(described.toSorted()).toEqual(served.toSorted())
    expect(document.openapi).toBe('3.1.0')
    const deprecated = operations.filter(({ operation }) => operation.deprecated === true).map(({ path }) => path)
    expect(new Set(deprecated)).toEqual(new Set(['/chats/{chat}/takeover', '/chats/{chat}/loop']))
  })

  it('names each operation once, and each parameter of its path', () => {
    const names = operations.map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const { path, operation } of operations) {
      const inPath = operation.parameters.filter(parameter => parameter.in === 'path').map(parameter => parameter.name)
      expect(inPath).toEqual([...path.matchAll(/{(\w+)}/g)].map(match => match[1]))
    }
  })

  it.each(operations)('holds schemas that compile as JSON Schema 2020-12: $method $path', ({ operation }) => {
    for (const schema of schemasOf(operation)) {
      const rooted = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi.json#/'))
      expect(() => ajv.compile(rooted)).not.toThrow()
    }
  })

  it('names each property that is needed where it is needed, as linters want it', () => {
    const missing: string[] = []
    const look = (schema: unknown, place: string, outer: readonly string[]): void => {
      if (typeof schema !== 'object' || schema === null) return
      const { properties, required } = schema as { properties?: object; required?: unknown }
      const known = [...outer, ...Object.keys(properties ?? {})]
      if (Array.isArray(required))
        missing.push(...required.filter(name => !known.includes(String(name))).map(name => `${place}: ${name}`))
      for (const [key, inner] of Object.entries(schema)) {
        // Only these speak of the same value.
        const isSame = ['oneOf', 'anyOf', 'allOf'].includes(key)
        const parts: [string, unknown][] = Array.isArray(inner)
          ? [...inner.entries()].map(([at, each]) => [String(at), each])
          : [['', inner]]
        for (const [at, each] of parts) look(each, `${place}/${key}${at}`, isSame ? known : [])
      }
    }
    for (const { operation } of operations)
      for (const schema of schemasOf(operation)) look(schema, operation.operationId, [])
    look(document.components, 'components', [])
    expect(missing).toEqual([])
  })

  it('says under which licence it is, and what each operation is about', async () => {
    const { license } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'))
    expect(document.info.license).toEqual({ name: 'Apache License 2.0', identifier: license })
    const described = document.tags.map(({ name }) => name)
    expect(new Set(described).size).toBe(described.length)
    for (const { description } of document.tags) expect(description).toMatch(/\.$/)
    const used = operations.flatMap(({ operation }) => operation.tags)
    expect(operations.map(({ operation }) => operation.tags.length)).toEqual(operations.map(() => 1))
    expect([...new Set(used)].toSorted()).toEqual(described.toSorted())
  })

  it('says which query parameters may be left out', () => {
    const required = (path: string) =>
      document.paths[path]?.['get']?.parameters.map(({ name, required: needed }) => [name, needed])
    expect(required('/channels/whatsapp/qr/status')).toEqual([['session_id', true]])
    expect(required('/channels/whatsapp/messages')).toEqual([
      ['account', false],
      ['limit', false],
      ['before', false],
    ])
  })

  it('names every error code that a route may answer with', () => {
    const text = JSON.stringify(document.paths)
    const elsewhere = [
      'origin_refused',
      'method_not_allowed',
      'state_newer',
      'too_many_sockets',
      'too_many_subscriptions',
    ]
    for (const code of Object.keys(ERRORS).filter(each => !elsewhere.includes(each))) {
      expect(text, code).toContain(`\`${code}\``)
    }
  })
})

describe('the schema of send', () => {
  const validate = newAjv().compile(sendSchema())
  const to = '+972500000002'
  const reaction = { message_id: 'msg_1', emoji: '👍' }

  it('is JSON Schema 2020-12, and its examples fit it and what is really taken', () => {
    const { $schema, examples } = sendSchema() as { $schema: string; examples: z.input<typeof sendRequest>[] }
    expect($schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(examples.length).toBeGreaterThan(1)
    for (const example of examples)
      expect([validate(example), sendRequest.safeParse(example).success]).toEqual([true, true])
  })

  it.each([
    [{ to, text: 'x' }, true],
    [{ to, reaction }, true],
    [{ to }, false],
    [{ to, text: 'x', reaction }, false],
    [{ to, text: 'x', subject: 'y' }, false],
    [{ to, text: '' }, false],
    [{ to, text: 'x', reply_to: 'msg_1' }, true],
    [{ to, reaction, reply_to: 'msg_1' }, false],
    [{ to, text: 'x', mentions: [to] }, true],
    [{ to, location: { latitude: 1, longitude: 2 }, mentions: [to] }, false],
    [{ to, location: { latitude: 91, longitude: 2 } }, false],
    [{ to, poll: { question: 'x', options: ['one'] } }, false],
    [{ to, delete: { message_id: 'msg_1' } }, true],
    [{ text: 'x' }, false],
  ])('agrees with what is really taken: %j', (body, fits) => {
    expect([validate(body), sendRequest.safeParse(body).success]).toEqual([fits, fits])
  })
})
