import { TRPCClientError } from '@trpc/client'

import type { AppRouter } from '../../api/trpc/router.ts'
import type { PolicyProblem } from '../../contract/policy.ts'

/** Why a call was refused, for a person. */
export type Refusal = {
  /** As the errors of the API are called; `unreachable` when the host did not answer at all. */
  readonly code: string
  readonly message: string
  readonly requestId: string | null
  /** Of `policy_refused`: what is wrong, and where. */
  readonly problems: readonly PolicyProblem[]
}

type ErrorBody = {
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly request_id: string
    readonly problems?: readonly PolicyProblem[]
  }
}

const UNREACHABLE: Refusal = {
  code: 'unreachable',
  message: 'The host does not answer. This page continues by itself once it does.',
  requestId: null,
  problems: [],
}

const NOT_THERE: Refusal = {
  code: 'not_found',
  message: 'This host does not have it.',
  requestId: null,
  problems: [],
}

const refusalIn = ({ error }: ErrorBody): Refusal =>
  error
    ? { code: error.code, message: error.message, requestId: error.request_id, problems: error.problems ?? [] }
    : UNREACHABLE

/** What a failed call of the client says. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refused) return thrown.refusal
  const failed: TRPCClientError<AppRouter> | null = thrown instanceof TRPCClientError ? thrown : null
  return refusalIn({ ...(failed?.data?.error && { error: failed.data.error }) })
}

/** A call of the REST interface that was refused. */
export class Refused extends Error {
  readonly refusal: Refusal

  /** The body is `{}` where the host gave none that can be read. */
  constructor(body: ErrorBody, status: number) {
    const refusal = status === 404 && !body.error ? NOT_THERE : refusalIn(body)
    super(refusal.message)
    this.refusal = refusal
  }
}
