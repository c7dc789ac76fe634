import type { ErrorDetails } from './error-details.ts'
import type { ErrorRow } from './error-row.ts'
import { LIMIT_ERRORS } from './limit-errors.ts'
import { TURN_ERRORS } from './turn-errors.ts'

/** Every error the channel answers with: code → status, tRPC code, retryable, certain, a sentence for a person. */
export const ERRORS = {
  bad_json: {
    status: 400,
    trpc: 'PARSE_ERROR',
    retryable: false,
    certain: true,
    sentence: 'The body is not valid JSON. Send one JSON object in UTF-8.',
  },
  bad_request: {
    status: 400,
    trpc: 'BAD_REQUEST',
    retryable: false,
    certain: true,
    sentence: 'The request does not fit the schema. GET /api/v1/openapi.json describes it.',
  },
  unauthorized: {
    status: 401,
    trpc: 'UNAUTHORIZED',
    retryable: false,
    certain: true,
    sentence: 'Send a valid token as "Authorization: Bearer <token>".',
  },
  forbidden: {
    status: 403,
    trpc: 'FORBIDDEN',
    retryable: false,
    certain: true,
    sentence: 'The role of this token does not allow that. Use a token of a higher role.',
  },
  policy_denied: {
    status: 403,
    trpc: 'FORBIDDEN',
    retryable: false,
    certain: true,
    sentence: 'A policy of this org denies that. GET /api/v1/policies lists them, and its audit log says which.',
  },
  origin_refused: {
    status: 403,
    trpc: 'FORBIDDEN',
    retryable: false,
    certain: true,
    sentence:
      'Requests for another host name, or from a page of another origin, are refused. Call this host by its own address.',
  },
  not_found: {
    status: 404,
    trpc: 'NOT_FOUND',
    retryable: false,
    certain: true,
    sentence: 'There is nothing here under that name. List what exists and use its id.',
  },
  method_not_allowed: {
    status: 405,
    trpc: 'METHOD_NOT_SUPPORTED',
    retryable: false,
    certain: true,
    sentence: 'This path does not take that method. The Allow header names those it takes.',
  },
  channel_not_configured: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'The channel is not configured. POST /api/v1/channels/whatsapp/configure first.',
  },
  already_connected: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'A phone is linked already. DELETE /api/v1/channels/whatsapp/configure for the same account unlinks it.',
  },
  not_paired: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'No phone is linked. POST /api/v1/channels/whatsapp/qr/start and scan the code.',
  },
  passkey_not_awaited: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'No passkey is waited for: it was given, its time is over, or the pairing has ended. POST /api/v1/channels/whatsapp/qr/start begins again.',
  },
  number_in_use: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'Another account here has this number; the new device was removed. DELETE /api/v1/channels/whatsapp/configure there first.',
  },
  binding_changed: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'Somebody else has changed the bindings meanwhile. Read them again, and change what they are now.',
  },
  message_not_unmatched: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'Only a message that came in and that no binding took is asked about again. This one has another outcome.',
  },
  approval_decided: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'This approval is decided already, or has lapsed. GET /api/v1/approvals?status=pending lists those that wait.',
  },
  ...TURN_ERRORS,
  idempotency_key_reused: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'This Idempotency-Key was used for a different request. Use a new key.',
  },
  already_sent: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'It has gone out or has ended, so it cannot be taken back. GET the send to see how far it has come.',
  },
  body_too_large: {
    status: 413,
    trpc: 'PAYLOAD_TOO_LARGE',
    retryable: false,
    certain: true,
    sentence: 'The body is larger than 1 MB. Send less; a larger file goes by "artifact_id" or "url".',
  },
  media_too_large: {
    status: 413,
    trpc: 'PAYLOAD_TOO_LARGE',
    retryable: false,
    certain: true,
    sentence:
      'The file is larger than WhatsApp takes: 16 MB for images, stickers and sound, 64 MB for video, 100 MB for documents.',
  },
  unsupported_media_type: {
    status: 415,
    trpc: 'UNSUPPORTED_MEDIA_TYPE',
    retryable: false,
    certain: true,
    sentence: 'Send the body as "Content-Type: application/json".',
  },
  unknown_agent: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence: 'The host has no agent of that name. GET /api/v1/agents says which it has.',
  },
  cold_contact_off: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'This number has never written to us, and the settings forbid to write first. Set "cold_contact" to "on".',
  },
  not_our_message: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'Only texts that this number sent can be edited, and only what it sent can be deleted. Name one of those.',
  },
  wrong_media: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'The bytes of the file are not of its kind: JPEG, PNG or WebP for images and stickers, MP4 for video, AAC, AMR, FLAC, MP3, MP4, Ogg or WAV for sound. Send it as a document.',
  },
  url_not_fetched: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: true,
    certain: true,
    sentence:
      'The file was not fetched. Only https on public addresses is, without credentials, with at most three redirects and in time.',
  },
  wrong_passkey: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence: 'That is no answer to what WhatsApp asks, so nothing was sent. Give another one.',
  },
  policy_refused: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence: 'The policies cannot come into force, so the ones before stay. Change what is named and try again.',
  },
  bad_settings: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence: 'The settings are not valid, so the ones before stay in force. Mend them and reload again.',
  },
  ...LIMIT_ERRORS,
  internal: {
    status: 500,
    trpc: 'INTERNAL_SERVER_ERROR',
    retryable: true,
    certain: false,
    sentence: 'Something failed on our side. The request id finds it in the log.',
  },
  gateway_unreachable: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: true,
    certain: true,
    sentence: 'WhatsApp cannot be reached from this host now. Try again in a moment.',
  },
  patterns_not_searched: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: true,
    certain: true,
    sentence:
      'The patterns of bindings cannot be searched now: too much of this org waits for that. Try again in a moment.',
  },
  pairing_refused: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: false,
    certain: true,
    sentence: 'WhatsApp refused to link a phone. GET /api/v1/channels says why.',
  },
  client_outdated: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: true,
    certain: true,
    sentence:
      'WhatsApp refuses this client as too old, and no newer version was found. Let this host reach https://web.whatsapp.com, or update the plugin; then reload the channel.',
  },
  account_stopped: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: false,
    certain: true,
    sentence: 'The account has stopped and needs a person. GET /api/v1/channels says why.',
  },
  state_newer: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: false,
    certain: true,
    sentence: 'The database was written by a newer version of the plugin. Update the plugin.',
  },
  stopping: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: true,
    certain: true,
    sentence: 'The channel is stopping. Try again when the host is up.',
  },
} as const satisfies Record<string, ErrorRow>

/** The code of an error, as it stands on the wire. */
export type ErrorCode = keyof typeof ERRORS

/**
 * The one class of errors that the channel throws on purpose. What else is thrown is our fault and leaves as `internal`.
 * `message` is for a person and may be sent; it holds no id, secret, text or phone number of the request.
 */
export class ChannelError extends Error {
  readonly code: ErrorCode
  readonly more: ErrorDetails

  constructor(code: ErrorCode, message: string = ERRORS[code].sentence, more: ErrorDetails = {}) {
    super(message)
    this.name = 'ChannelError'
    this.code = code
    this.more = more
  }
}

/** What may be said of anything thrown: a ChannelError as it is, everything else as `internal`. */
export function asChannelError(thrown: unknown): ChannelError {
  return thrown instanceof ChannelError ? thrown : new ChannelError('internal')
}
