import type { z } from 'zod'

import type { ErrorCode } from '../../contract/errors/errors.ts'
import type { ProcedurePath } from '../trpc/procedures.ts'

/**
 * Where a route's input stands. Whatever a request carries elsewhere is refused. `query`: what may stand there as well, once
 * in all.
 */
export type RouteInput =
  | { readonly from: 'nothing' }
  /** `mayBeMissing`: a call without a body is whole. */
  | {
      readonly from: 'body'
      readonly schema: z.ZodType
      readonly mayBeMissing?: true
      readonly query?: z.ZodObject
    }
  | { readonly from: 'query'; readonly schema: z.ZodObject }
  /** `body` is what may come with it, or nothing. */
  | { readonly from: 'path'; readonly schema: z.ZodObject; readonly body?: z.ZodObject; readonly query?: z.ZodObject }

/** One call of the REST interface. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api/v1`; a segment `:name` is a parameter. */
  readonly path: string
  /** What runs; null for the description of the interface itself and for its metrics, which are no procedures. */
  readonly procedure: ProcedurePath | null
  readonly summary: string
  readonly input: RouteInput
  readonly status: 200 | 201 | 202
  readonly response: z.ZodType
  /** The answer is plain text and no JSON. */
  readonly text?: true
  /** It still works and should not be used: another route of the same procedure took its place. */
  readonly deprecated?: true
  /** The refusals of this call beside those that every call has. */
  readonly refusals: readonly ErrorCode[]
}
