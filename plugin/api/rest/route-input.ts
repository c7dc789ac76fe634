import { z } from 'zod'

import { accountRequest } from '../../contract/api/fields.ts'
import type { Route, RouteInput } from './route.ts'

const maskOf = (names: readonly string[]): Record<string, true> => Object.fromEntries(names.map(name => [name, true]))

const isEmpty = ({ shape }: z.ZodObject): boolean => Object.keys(shape).length === 0

/** The account may be named in the query as well as in the body. */
const accountIn = ({ shape }: z.ZodObject): { readonly query?: z.ZodObject } =>
  Object.hasOwn(shape, 'account') ? { query: accountRequest } : {}

/** Takes the path's fields out of the input; the rest is the query of a call without a body, else the body. */
function besidePath(input: z.ZodObject, names: readonly string[], hasBody: boolean): RouteInput {
  const schema = input.pick(maskOf(names))
  const rest: z.ZodObject = input.omit(maskOf(names))
  if (!hasBody) return { from: 'path', schema, ...(!isEmpty(rest) && { query: rest }) }
  const body = Object.hasOwn(rest.shape, 'account') ? rest.omit({ account: true }) : rest
  return { from: 'path', schema, ...(!isEmpty(body) && { body }), ...accountIn(rest) }
}

/**
 * Where the input of a procedure is placed, by method and path: fields named in the path are in the path; the rest is in the query
 * for `GET` and `DELETE`, else in the body.
 */
export function routeInput({ method, path }: Pick<Route, 'method' | 'path'>, input: z.ZodType | undefined): RouteInput {
  if (input === undefined) return { from: 'nothing' }
  const mayBeMissing = input instanceof z.ZodOptional
  const schema = mayBeMissing ? input.unwrap() : input
  if (!(schema instanceof z.ZodObject)) throw new TypeError(`${method} ${path} has an input that is no object`)
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const hasBody = method !== 'GET' && method !== 'DELETE'
  if (names.length > 0) return besidePath(schema, names, hasBody)
  if (!hasBody) return { from: 'query', schema }
  return { from: 'body', schema, ...(mayBeMissing && { mayBeMissing }), ...accountIn(schema) }
}
