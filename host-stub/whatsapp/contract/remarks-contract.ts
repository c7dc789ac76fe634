import { z } from 'zod'

/** What a message says about other people and messages, besides its own content. */
export const remarks = {
  mentions: z.array(z.string().min(1).max(64)).default([]),
  quotes: z.string().optional(),
  /** What is quoted: the whole message, nothing, or a text that the sender invents. */
  quote_body: z.union([z.enum(['whole', 'none']), z.strictObject({ claimed: z.string() })]).default('whole'),
  /** How often the message claims to have been forwarded; 0: forwarded without a count. */
  forwarded: z.int().min(0).optional(),
  /** Mentions everybody by the mark, or by naming the group. */
  mentions_all: z.enum(['mark', 'group']).optional(),
}
