import type { ErrorRow } from './error-row.ts'

/** The errors of those who want something of a turn that is not as they think. */
export const TURN_ERRORS = {
  turn_not_waiting: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'This turn waits for nobody. Only needs_operator and dead_letter turns are retried.',
  },
  turn_over: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'This turn is over: there is nothing left to cancel. GET /api/v1/turns?status=running lists those that run.',
  },
} as const satisfies Record<string, ErrorRow>
