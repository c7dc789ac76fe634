import type { z } from 'zod'

import type { ErrorCode } from '../../contract/errors/errors.ts'
import type { ProcedurePath } from '../trpc/procedures.ts'

/**
 * Where a route's input is placed. Input placed elsewhere is refused. `query`: fields that may be in the query too, but only in one
 * place.
 */
export type RouteInput =
  | { readonly from: 'nothing' }
  /** `mayBeMissing`: a call without a body is valid. */
  | {
      readonly from: 'body'
      readonly schema: z.ZodType
      readonly mayBeMissing?: true
      readonly query?: z.ZodObject
    }
  | { readonly from: 'query'; readonly schema: z.ZodObject }
  /** `body`: the schema of an additional body; missing if there is none. */
  | { readonly from: 'path'; readonly schema: z.ZodObject; readonly body?: z.ZodObject; readonly query?: z.ZodObject }

/** One call of the REST interface. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api/v1`. A segment `:name` is a parameter. */
  readonly path: string
  /** The procedure that runs; null for the OpenAPI document and the metrics, which are not procedures. */
  readonly procedure: ProcedurePath | null
  readonly summary: string
  readonly input: RouteInput
  readonly status: 200 | 201 | 202
  readonly response: z.ZodType
  /** The answer is plain text instead of JSON. */
  readonly text?: true
  /** The route still works but should not be used: another route of the same procedure replaces it. */
  readonly deprecated?: true
  /** The errors of this call, besides those that every call has. */
  readonly refusals: readonly ErrorCode[]
}
