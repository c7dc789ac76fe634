import { TRPCError } from '@trpc/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { invalidRequest, logUnforeseen, refusalOf, refusalShape } from '../../../plugin/api/http/error-shape.ts'
import { ChannelError, type ErrorCode, ERRORS } from '../../../plugin/contract/errors/errors.ts'
import { createTestHost } from '../../support/api.ts'

const CODES = Object.keys(ERRORS) as ErrorCode[]
const invalid = (schema: z.ZodType, value: unknown): z.ZodError => {
  const { error } = schema.safeParse(value)
  if (error === undefined) throw new TypeError('the value fits')
  return error
}

describe('a refusal', () => {
  it.each(CODES)('is the same whether it is thrown as it is or inside a TRPCError: %s', code => {
    const refusal = new ChannelError(code)
    expect(refusalOf(refusal)).toBe(refusal)
    expect(refusalOf(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: refusal }))).toBe(refusal)
    expect(refusalShape(refusal, 'req_1').data).toMatchObject({
      code: ERRORS[code].trpc,
      httpStatus: ERRORS[code].status,
      error: { code, request_id: 'req_1' },
    })
  })

  it('drops the words of whatever else was thrown', () => {
    for (const thrown of [new Error('planted'), 'planted', new TRPCError({ code: 'NOT_FOUND', message: 'planted' })]) {
      expect(refusalOf(thrown).message).not.toContain('planted')
    }
    expect(refusalOf(new Error('planted')).code).toBe('internal')
  })

  it('blames the caller for an input that does not fit, and us for an output that does not', () => {
    const cause = invalid(z.string(), 1)
    expect(refusalOf(new TRPCError({ code: 'BAD_REQUEST', cause })).code).toBe('bad_request')
    expect(refusalOf(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause })).code).toBe('internal')
  })

  it('names fields, at most three, and no value', () => {
    const schema = z.strictObject({ a: z.string(), b: z.strictObject({ c: z.int() }), d: z.string(), e: z.string() })
    const { message } = invalidRequest(invalid(schema, { a: 'fits', b: { c: 'planted' }, x: 'planted', 'planted!': 1 }))
    expect(message).toBe(
      'The request does not fit the schema: "b.c" expected number, received string; ' +
        '"d" expected string, received undefined; "e" expected string, received undefined.',
    )
    const keys = invalidRequest(invalid(z.strictObject({}), { x: 'planted', 'planted!': 1 }))
    expect(keys.message).toBe('The request does not fit the schema: the request does not take "x", a key.')
  })
})

describe('the log', () => {
  it('is told of what was not foreseen alone, by name and code', () => {
    const { host, lines } = createTestHost()
    const where = { requestId: 'req_1', procedure: 'channels.list' }
    logUnforeseen(host.log, new ChannelError('not_found'), where)
    expect(lines).toEqual([])
    const cause = Object.assign(new RangeError('planted'), { code: 'SQLITE_FULL' })
    logUnforeseen(host.log, new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }), where)
    logUnforeseen(host.log, Object.assign(new Error('planted'), { code: 'planted words' }), where)
    expect(lines.map(line => line.fields)).toEqual([
      { request_id: 'req_1', procedure: 'channels.list', error: 'RangeError', code: 'SQLITE_FULL' },
      { request_id: 'req_1', procedure: 'channels.list', error: 'Error' },
    ])
  })
})
