import { TRPCClientError } from '@trpc/client'

import type { AppRouter } from '../../api/trpc/router.ts'
import type { PolicyProblem } from '../../contract/policy.ts'
import { dataTexts as texts } from '../texts/data-texts.ts'

/** Why a call was refused, in words for users. */
export type Refusal = {
  /** An error code of the API; `unreachable` if the host did not answer at all. */
  readonly code: string
  readonly message: string
  readonly requestId: string | null
  /** Of `policy_refused`: the errors and where they are. */
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
  message: texts.unreachable,
  requestId: null,
  problems: [],
}

const NOT_THERE: Refusal = {
  code: 'not_found',
  message: texts.thisHostDoes,
  requestId: null,
  problems: [],
}

const refusalIn = ({ error }: ErrorBody): Refusal =>
  error
    ? { code: error.code, message: error.message, requestId: error.request_id, problems: error.problems ?? [] }
    : UNREACHABLE

/** The refusal in the error of a failed client call. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refused) return thrown.refusal
  const failed: TRPCClientError<AppRouter> | null = thrown instanceof TRPCClientError ? thrown : null
  return refusalIn({ ...(failed?.data?.error && { error: failed.data.error }) })
}

/** A refused call of the REST interface. */
export class Refused extends Error {
  readonly refusal: Refusal

  /** `body` is `{}` if the host sent none that can be parsed. */
  constructor(body: ErrorBody, status: number) {
    const refusal = status === 404 && !body.error ? NOT_THERE : refusalIn(body)
    super(refusal.message)
    this.refusal = refusal
  }
}
