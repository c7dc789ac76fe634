import { z } from 'zod'

/** What a message says of others, whatever it says itself. */
export const remarks = {
  mentions: z.array(z.string().min(1).max(64)).default([]),
  quotes: z.string().optional(),
  /** What is quoted of it: all of it, none of it, or a text that the sender makes up. */
  quote_body: z.union([z.enum(['whole', 'none']), z.strictObject({ claimed: z.string() })]).default('whole'),
  /** It says that it was forwarded, so often; 0: without saying how often. */
  forwarded: z.int().min(0).optional(),
  /** By the mark for everybody, or by naming the group. */
  mentions_all: z.enum(['mark', 'group']).optional(),
}
