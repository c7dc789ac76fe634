import type { ErrorDetails } from './error-details.ts'
import type { ErrorCode } from './errors.ts'

/** The body of every refused request. */
export type ErrorBody = {
  readonly error: ErrorDetails & {
    readonly code: ErrorCode
    readonly message: string
    readonly request_id: string
  }
}
