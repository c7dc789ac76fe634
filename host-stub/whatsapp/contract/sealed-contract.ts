import { z } from 'zod'

/** The kinds of content that phones encrypt with the secret of the message that it refers to. */
export const sealedKinds = ['message_edit', 'poll_edit', 'event_edit', 'reaction', 'comment', 'event_response'] as const
export type SealedKind = (typeof sealedKinds)[number]

const mode = z.enum(['lid', 'pn'])
/** The request to seal content that refers to a message. */
export const sealedRequest = {
  kind: z.enum(sealedKinds),
  /** The protobuf to seal, base64. */
  plain: z.base64(),
  /** Which address of the author of the message, and of the one who seals, is used in the seal. */
  author_by: mode.optional(),
  modifier_by: mode.optional(),
  /** Base64; used instead of the message's own secret. */
  secret: z.base64().optional(),
}
