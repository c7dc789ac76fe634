import { z } from 'zod'

import { accountSchema, instant, text } from './fields.ts'
import { LOOP_SIGNS, type SuspectedLoop } from '../loop.ts'
import type { AccountKey, OrgId } from '../ids.ts'

/** A chat with a suspected loop: messages there are `unmatched: loop_suspected` until a person lets the chat continue. */
export const loopSchema = z.object({
  account: z.string(),
  chat: z.string().meta({ description: 'Who it is with, or the group' }),
  sign: z.enum(LOOP_SIGNS).meta({
    description:
      'What it is known by. "quick_turns": turn upon turn in a direct chat, each begun within 10 s of our reply’s ack; "same_text": one text over and over within ten minutes; "turns_per_hour": too many turns of one person within an hour',
  }),
  since: instant,
})
/** The response to `GET /loops`: newest first. */
export const loopListResponse = z.object({ loops: z.array(loopSchema) })
/** The path of `DELETE /chats/:chat/loop`, which `POST /loops/end` has replaced. */
export const loopPath = z.strictObject({
  chat: text(64).meta({ description: 'Its address, as `GET /loops` says it; any that its peer has will do' }),
})
/** The input of `loops.end`, and the body of `POST /loops/end`: the chat and its account. */
export const loopEndRequest = loopPath.extend({ account: accountSchema })
/** The response to it. */
export const loopEndResponse = z.object({ status: z.literal('goes_on'), account: z.string(), chat: z.string() })

/** A suspected loop in TypeScript. */
export type WireLoop = z.infer<typeof loopSchema>

/** Chats with a suspected loop. */
export type LoopOperations = {
  /** Newest first. */
  list(org: OrgId): Promise<readonly SuspectedLoop[]>
  /** Lets such a chat of an account, given by an address, continue. Error: `not_found`, also if no loop is suspected there. */
  end(key: AccountKey, chat: string): Promise<void>
}
