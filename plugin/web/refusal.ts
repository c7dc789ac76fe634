import { TRPCClientError } from '@trpc/client'

import type { AppRouter } from '../api/router.ts'

/** Why a call was refused, for a person. */
export type Refusal = {
  /** As the errors of the API are called; `unreachable` when the host did not answer at all. */
  readonly code: string
  readonly message: string
  readonly requestId: string | null
}

type ErrorBody = { readonly error?: { readonly code: string; readonly message: string; readonly request_id: string } }

const UNREACHABLE: Refusal = {
  code: 'unreachable',
  message: 'The host does not answer. This page goes on by itself once it does.',
  requestId: null,
}

const refusalIn = ({ error }: ErrorBody): Refusal =>
  error ? { code: error.code, message: error.message, requestId: error.request_id } : UNREACHABLE

/** What a failed call of the client says. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refused) return thrown.refusal
  const failed: TRPCClientError<AppRouter> | null = thrown instanceof TRPCClientError ? thrown : null
  return refusalIn({ ...(failed?.data?.error && { error: failed.data.error }) })
}

/** A call of the REST interface that was refused. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(body: ErrorBody) {
    const refusal = refusalIn(body)
    super(refusal.message)
    this.refusal = refusal
  }
}
