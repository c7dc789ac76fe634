/**
 * Why a send is rejected or taken back by us, with a sentence for a person; WhatsApp never acknowledged it, and it is not tried
 * again.
 *
 * - `not_on_whatsapp`: WhatsApp was asked, and knows nobody by that number.
 * - `no_recipient_device`: WhatsApp names no device of theirs, or hands out keys for none, so that nobody could read it.
 * - `link_changed`: another number was linked before it went out.
 * - `human_takeover`: a person took the chat over before it went out.
 * - `disappeared`: the timer of its chat had run out before it went out, or before WhatsApp had acknowledged it.
 * - `bad_request`, `not_found`, `wrong_media`: it could not be made of what was asked for.
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

/** A reason of ours for which a send is rejected or taken back. */
export type RejectedReason = keyof typeof REJECTIONS

/** All of them, in the order in which they are described. */
export const REJECTED_REASONS = Object.keys(REJECTIONS) as [RejectedReason, ...RejectedReason[]]

/** What a send was rejected for: WhatsApp's code, or a reason of ours, or neither for what was rejected before this was kept. */
export type Rejection = { readonly code: number | null; readonly reason: RejectedReason | null }

/** What is said to a person of a rejection of ours; null of WhatsApp's, and of what was rejected before reasons were kept. */
export const rejectionDetail = (reason: RejectedReason | null): string | null => reason && REJECTIONS[reason]
