import type { AccountName, Chat } from './ids.ts'

/**
 * The chats in which a person takes over from the agent by writing on the linked phone: `off`: none; `direct`: chats with one
 * person; `all`: groups as well.
 */
export const TAKEOVER_KINDS = ['off', 'direct', 'all'] as const

/** One of {@link TAKEOVER_KINDS}. */
export type TakeoverKind = (typeof TAKEOVER_KINDS)[number]

/** Who took a chat over: its owner, by writing there on the phone, or somebody through the API, the page or the command line. */
export const TAKEN_BY = ['owner', 'operator'] as const

/** One of {@link TAKEN_BY}. */
export type TakenBy = (typeof TAKEN_BY)[number]

/** A chat that a person has taken over from its agent: only that person answers there until it ends. */
export type Takeover = {
  readonly account: AccountName
  readonly chat: Chat
  /** When it began: at the owner's first message there, or at the request; ms UTC. */
  readonly since: number
  /** When it ends by itself, counted from the owner's last message there; null: only a person ends it. ms UTC */
  readonly until: number | null
  readonly by: TakenBy
}
