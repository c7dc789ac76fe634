/** Chats that a person has taken over from their agents. */
import { z } from 'zod'

import { accountRequest, addressSchema, instant } from './fields.ts'
import { TAKEN_BY, type Takeover } from '../takeover.ts'
import type { AccountKey, OrgId } from '../ids.ts'

/** A chat that a person has taken over: messages there are `unmatched: human_takeover` until the takeover ends. */
export const takeoverSchema = z.object({
  account: z.string(),
  chat: z.string().meta({ description: 'Who it is with, or the group' }),
  since: instant.meta({ description: 'The owner’s first words there, or when it was asked for' }),
  until: instant.nullable().meta({
    description: 'When its agent goes on by itself; null when only a person hands it back',
  }),
  by: z.enum(TAKEN_BY).meta({
    description: '"owner": by writing there on the phone; "operator": by the API, the page or the command line',
  }),
})
/** The response to `GET /takeovers`. */
export const takeoverListResponse = z.object({ takeovers: z.array(takeoverSchema) })
/** The path of `POST` and `DELETE /chats/:chat/takeover`, which `POST /takeovers` and `/takeovers/end` have replaced. */
export const takeoverPath = z.strictObject({ chat: addressSchema })
/** The body of `POST /chats/:chat/takeover`. */
export const takeoverBody = z.strictObject({
  until: instant.optional().meta({
    description:
      'When the agent goes on by itself, unless the owner writes there in the meantime: until a person hands it back when left out',
  }),
})
/** The input of `takeovers.begin`, and the body of `POST /takeovers`. */
export const takeoverBeginRequest = takeoverPath.extend(takeoverBody.shape).extend(accountRequest.shape)
/** The input of `takeovers.end`, and the body of `POST /takeovers/end`. */
export const takeoverEndRequest = takeoverPath.extend(accountRequest.shape)
/** The response to `POST /takeovers/end`. */
export const takeoverEndResponse = z.object({ status: z.literal('handed_back'), account: z.string(), chat: z.string() })

/** A takeover in TypeScript. */
export type WireTakeover = z.infer<typeof takeoverSchema>

/** Chats that persons have taken over from their agents. */
export type TakeoverOperations = {
  /** Newest first. */
  list(org: OrgId): Promise<readonly Takeover[]>
  /**
   * Takes a chat, given by an address, over from its agent: until an instant (ms UTC), or until a person hands it back. Replies
   * that the agent has not sent yet are not sent. Errors: `channel_not_configured`, `bad_request` for an instant in the past,
   * `too_many_kept`.
   */
  begin(key: AccountKey, chat: string, until: number | null): Promise<Takeover>
  /**
   * Hands a chat back to its agent; the agent is not asked about messages written before that. Errors: `channel_not_configured`,
   * `not_found` if nobody has the chat.
   */
  end(key: AccountKey, chat: string): Promise<void>
}
