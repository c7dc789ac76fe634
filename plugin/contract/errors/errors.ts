import type { ErrorDetails } from './error-details.ts'
import type { ErrorRow } from './error-row.ts'
import { LIMIT_ERRORS } from './limit-errors.ts'
import { TURN_ERRORS } from './turn-errors.ts'

/** Every error that the channel returns: code → status, tRPC code, retryable, certain, a sentence for a person. */
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
    sentence: 'The request does not match the schema. See GET /api/v1/openapi.json.',
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
    sentence: 'The role of this token is too low for this call. Use a token with a higher role.',
  },
  policy_denied: {
    status: 403,
    trpc: 'FORBIDDEN',
    retryable: false,
    certain: true,
    sentence:
      'A policy of this org denies this call. GET /api/v1/policies lists the policies; the audit log names the rule.',
  },
  origin_refused: {
    status: 403,
    trpc: 'FORBIDDEN',
    retryable: false,
    certain: true,
    sentence: 'Requests for another host name or from another origin are refused. Use the address of this host.',
  },
  not_found: {
    status: 404,
    trpc: 'NOT_FOUND',
    retryable: false,
    certain: true,
    sentence: 'Nothing exists under this id. List what exists and use its id.',
  },
  method_not_allowed: {
    status: 405,
    trpc: 'METHOD_NOT_SUPPORTED',
    retryable: false,
    certain: true,
    sentence: 'This path does not support this method. The Allow header lists the supported ones.',
  },
  channel_not_configured: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'The account is not configured. Call POST /api/v1/channels/whatsapp/configure first.',
  },
  already_connected: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'A phone is already linked. To unlink it, call DELETE /api/v1/channels/whatsapp/configure for the same account.',
  },
  not_paired: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'No phone is linked. Call POST /api/v1/channels/whatsapp/qr/start and scan the code.',
  },
  passkey_not_awaited: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'No passkey is expected: it was already given, it expired, or the pairing ended. Start again with POST /api/v1/channels/whatsapp/qr/start.',
  },
  number_in_use: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'This number is already linked to another account on this host. The new device was unlinked. Unlink the other account first: DELETE /api/v1/channels/whatsapp/configure.',
  },
  binding_changed: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'The bindings were changed by someone else in the meantime. Read them again and repeat your change.',
  },
  message_not_unmatched: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence: 'Only inbound messages with the outcome "unmatched" can be replayed. This message has another outcome.',
  },
  approval_decided: {
    status: 409,
    trpc: 'CONFLICT',
    retryable: false,
    certain: true,
    sentence:
      'This approval is already decided or has expired. GET /api/v1/approvals?status=pending lists the open ones.',
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
    sentence: 'The message was already sent or has ended, so it cannot be cancelled. GET the send for its status.',
  },
  body_too_large: {
    status: 413,
    trpc: 'PAYLOAD_TOO_LARGE',
    retryable: false,
    certain: true,
    sentence: 'The body is larger than 1 MB. Send larger files with "artifact_id" or "url".',
  },
  media_too_large: {
    status: 413,
    trpc: 'PAYLOAD_TOO_LARGE',
    retryable: false,
    certain: true,
    sentence:
      'The file is larger than WhatsApp allows: 16 MB for images, stickers and audio, 64 MB for video, 100 MB for documents.',
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
    sentence: 'The host has no agent with this name. GET /api/v1/agents lists the agents.',
  },
  cold_contact_off: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'This number has never written to you, and the settings do not allow messages to new contacts. Set "cold_contact" to "on".',
  },
  not_our_message: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'Only texts that this number sent can be edited, and only messages that it sent can be deleted. Use the id of one of those.',
  },
  wrong_media: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'The content of the file does not match its kind: JPEG, PNG or WebP for images and stickers, MP4 for video, AAC, AMR, FLAC, MP3, MP4, Ogg or WAV for audio. Send it as a document.',
  },
  url_not_fetched: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: true,
    certain: true,
    sentence:
      'The URL could not be downloaded. Use a public https URL without credentials, with at most 3 redirects, that answers in time.',
  },
  wrong_passkey: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'This answer does not match the passkey request, so nothing was sent to WhatsApp. Try again with a new answer.',
  },
  policy_refused: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence:
      'The policies were not activated; the previous ones remain in force. Fix the errors listed and try again.',
  },
  bad_settings: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    retryable: false,
    certain: true,
    sentence: 'The settings are invalid; the previous ones remain in force. Fix them and reload.',
  },
  ...LIMIT_ERRORS,
  internal: {
    status: 500,
    trpc: 'INTERNAL_SERVER_ERROR',
    retryable: true,
    certain: false,
    sentence: 'An internal error occurred. Search the log for the request id.',
  },
  gateway_unreachable: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: true,
    certain: true,
    sentence: 'The account is not connected to WhatsApp now. Retry in a moment.',
  },
  patterns_not_searched: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: true,
    certain: true,
    sentence: 'Too many pattern searches of this org are queued. Retry in a moment.',
  },
  pairing_refused: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: false,
    certain: true,
    sentence: 'WhatsApp refused to link a phone. GET /api/v1/channels shows the reason.',
  },
  client_outdated: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: true,
    certain: true,
    sentence:
      'WhatsApp rejects this client as too old, and no newer version was found. Allow this host to reach https://web.whatsapp.com, or update the plugin; then reload the channel.',
  },
  account_stopped: {
    status: 503,
    trpc: 'SERVICE_UNAVAILABLE',
    retryable: false,
    certain: true,
    sentence: 'The account has stopped and needs attention. GET /api/v1/channels shows the reason.',
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
    sentence: 'The channel is shutting down. Retry when the host is running again.',
  },
} as const satisfies Record<string, ErrorRow>

/** The code of an error on the wire. */
export type ErrorCode = keyof typeof ERRORS

/**
 * The only class of errors that the channel throws on purpose. Any other error is a bug of ours and is returned as `internal`.
 * `message` is for a person and may be sent; it contains no id, secret, text or phone number of the request.
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

/** The error to return for anything thrown: a ChannelError as it is, everything else as `internal`. */
export function asChannelError(thrown: unknown): ChannelError {
  return thrown instanceof ChannelError ? thrown : new ChannelError('internal')
}
