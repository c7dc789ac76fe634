import type { ErrorRow } from './error-row.ts'

/** The errors of those who ask for more than they may have. */
export const LIMIT_ERRORS = {
  lookup_budget: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence: 'WhatsApp was asked for as many numbers as an account may ask for. Ask for the others at "retry_at".',
  },
  reloaded_lately: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence: 'This org was reloaded a moment ago, and WhatsApp sees each time. Reload it again at "retry_at".',
  },
  over_quota: {
    status: 413,
    trpc: 'PAYLOAD_TOO_LARGE',
    retryable: false,
    certain: true,
    sentence:
      'The files of this org take as many bytes as they may. Old ones go with their messages ("retention_days"); the operator of the host may allow more.',
  },
  too_many_calls: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence: 'This token calls more often than it may. Call again at "retry_at", and more slowly from then on.',
  },
  too_many_waiting_sends: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence:
      'As many sends of this org wait as may. Let some of them go out, or take some back: DELETE /api/v1/channels/whatsapp/sends/<id>.',
  },
  too_many_kept: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'This org has as many as it may: 2,000 bindings, 100 accounts, and 1,000 chats that were taken over from outside. Remove one that is not needed.',
  },
  too_many_sockets: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence:
      'Too many WebSockets are open: with this token, or that have not said whose they are. Close some, or share one.',
  },
  too_many_subscriptions: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence: 'This socket, or this org, has as many subscriptions as it may have. End those that nobody reads.',
  },
} as const satisfies Record<string, ErrorRow>
