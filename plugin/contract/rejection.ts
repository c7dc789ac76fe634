/**
 * Why we rejected a send or took it back, with a sentence for a person. WhatsApp never acked it, and it is not retried.
 *
 * - `not_on_whatsapp`: WhatsApp was asked and knows nobody with that number.
 * - `no_recipient_device`: WhatsApp lists no device of the recipient, or provides keys for none, so nobody could read the
 *   message.
 * - `link_changed`: another number was linked before the message was sent.
 * - `human_takeover`: a person took the chat over before the message was sent.
 * - `disappeared`: the disappearing timer of the chat ran out before the message was sent, or before WhatsApp acked it.
 * - `bad_request`, `not_found`, `wrong_media`: the message could not be created from the request.
 */
export const REJECTIONS = {
  not_on_whatsapp: 'This number is not on WhatsApp. Check it, including the country code.',
  no_recipient_device:
    'WhatsApp lists no device of this contact that could decrypt the message. Ask them to open WhatsApp, then send again.',
  link_changed: 'Another number was linked before the message was sent. Send it again if that number may send it.',
  human_takeover: 'A person took over the chat before the message was sent.',
  disappeared:
    'The disappearing timer of the chat ran out before the message was confirmed as sent. The message was deleted.',
  bad_request: 'The message could not be created from the request.',
  not_found: 'A file, or the message that it refers to, no longer exists.',
  wrong_media: 'The file cannot be converted to the requested kind. Send it as a document.',
} as const satisfies Record<string, string>

/** A reason for which we reject a send or take it back. */
export type RejectedReason = keyof typeof REJECTIONS

/** All reasons, in the order of the list above. */
export const REJECTED_REASONS = Object.keys(REJECTIONS) as [RejectedReason, ...RejectedReason[]]

/** Why a send was rejected: WhatsApp's code, or our reason; both null for sends rejected before this was stored. */
export type Rejection = { readonly code: number | null; readonly reason: RejectedReason | null }

/**
 * The sentence for a person about our rejection; null if WhatsApp rejected the send, and if it was rejected before reasons were
 * stored.
 */
export const rejectionDetail = (reason: RejectedReason | null): string | null => reason && REJECTIONS[reason]
