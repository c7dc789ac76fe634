/** One row of the table of errors. */
export type ErrorRow = {
  readonly status: number
  /** tRPC's name for it (tRPC 11, rpc/codes). */
  readonly trpc:
    | 'PARSE_ERROR'
    | 'BAD_REQUEST'
    | 'UNAUTHORIZED'
    | 'FORBIDDEN'
    | 'NOT_FOUND'
    | 'METHOD_NOT_SUPPORTED'
    | 'CONFLICT'
    | 'PAYLOAD_TOO_LARGE'
    | 'UNSUPPORTED_MEDIA_TYPE'
    | 'UNPROCESSABLE_CONTENT'
    | 'TOO_MANY_REQUESTS'
    | 'INTERNAL_SERVER_ERROR'
    | 'SERVICE_UNAVAILABLE'
  /** Whether the same request may succeed later although nobody changes anything. */
  readonly retryable: boolean
  /** True if the request had no effect; false if it may have taken effect. */
  readonly certain: boolean
  /** What is wrong and what to do, for a person. */
  readonly sentence: string
}
