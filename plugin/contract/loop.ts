import type { AccountName, Chat } from './ids.ts'

/**
 * What tells a loop from people: turn upon turn begun soon after our reply, one text over and over, or more turns within an
 * hour than anybody wants.
 */
export const LOOP_SIGNS = ['quick_turns', 'same_text', 'turns_per_hour'] as const
/** One of {@link LOOP_SIGNS}. */
export type LoopSign = (typeof LOOP_SIGNS)[number]

/** A chat whose messages no agent is asked about until a person lets it go on. */
export type SuspectedLoop = {
  readonly account: AccountName
  readonly chat: Chat
  readonly sign: LoopSign
  /** ms UTC */
  readonly since: number
}
