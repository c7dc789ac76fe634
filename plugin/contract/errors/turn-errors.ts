import type { ErrorRow } from './error-row.ts'

/** The errors for calls about a turn that is not in the required state. */
export const TURN_ERRORS = {
  turn_not_waiting: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'This turn cannot be retried. Only needs_operator and dead_letter turns can.',
  },
  turn_over: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'This turn has already ended, so it cannot be cancelled. GET /api/v1/turns?status=running lists the running turns.',
  },
} as const satisfies Record<string, ErrorRow>
