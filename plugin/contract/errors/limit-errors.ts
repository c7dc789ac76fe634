import type { ErrorRow } from './error-row.ts'

/** The errors for callers who exceed a limit. */
export const LIMIT_ERRORS = {
  lookup_budget: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence:
      'This account has reached its limit of number lookups on WhatsApp. Look up the remaining numbers at "retry_at".',
  },
  reloaded_lately: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence: 'This org was reloaded a moment ago. WhatsApp sees each reconnect, so wait until "retry_at".',
  },
  over_quota: {
    status: 413,
    trpc: 'PAYLOAD_TOO_LARGE',
    retryable: false,
    certain: true,
    sentence:
      'The files of this org have reached their storage limit. Old files are deleted with their messages ("retention_days"); the operator of the host can raise the limit.',
  },
  too_many_calls: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence: 'This token has exceeded its call rate. Retry at "retry_at" and call less often.',
  },
  too_many_waiting_sends: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence:
      'Too many sends of this org are queued. Wait until some are sent, or cancel some: DELETE /api/v1/channels/whatsapp/sends/<id>.',
  },
  too_many_kept: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'This org has reached a limit: 2,000 bindings, 100 accounts, or 1,000 chats taken over through the API. Remove one that is not needed.',
  },
  too_many_sockets: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence: 'Too many WebSockets are open, with this token or without authentication. Close some, or share one.',
  },
  too_many_subscriptions: {
    status: 429,
    trpc: 'TOO_MANY_REQUESTS',
    retryable: true,
    certain: true,
    sentence: 'This socket or org has reached its limit of subscriptions. Close the ones that are not read.',
  },
} as const satisfies Record<string, ErrorRow>
