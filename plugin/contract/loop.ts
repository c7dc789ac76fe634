import type { AccountName, Chat } from './ids.ts'

/**
 * The signs of a loop: many turns in a row that each begin soon after our reply, the same text over and over, or more turns
 * within an hour than any person would cause.
 */
export const LOOP_SIGNS = ['quick_turns', 'same_text', 'turns_per_hour'] as const
/** One of {@link LOOP_SIGNS}. */
export type LoopSign = (typeof LOOP_SIGNS)[number]

/** A chat that no agent answers until a person lets it continue. */
export type SuspectedLoop = {
  readonly account: AccountName
  readonly chat: Chat
  readonly sign: LoopSign
  /** ms UTC */
  readonly since: number
}
