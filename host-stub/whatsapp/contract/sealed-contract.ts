import { z } from 'zod'

/** What phones seal with the secret of the message that it is about. */
export const sealedKinds = ['message_edit', 'poll_edit', 'event_edit', 'reaction', 'comment', 'event_response'] as const
export type SealedKind = (typeof sealedKinds)[number]

const mode = z.enum(['lid', 'pn'])
/** What is asked of a phone that is to seal something about a message. */
export const sealedRequest = {
  kind: z.enum(sealedKinds),
  /** What is sealed, as protobuf, base64. */
  plain: z.base64(),
  /** Under which address the author of the message, and the one who seals, are named in the seal. */
  author_by: mode.optional(),
  modifier_by: mode.optional(),
  /** Base64, in place of the message's own. */
  secret: z.base64().optional(),
}
