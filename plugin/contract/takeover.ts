import type { AccountName, Chat } from './ids.ts'

/**
 * In which chats a person who writes on the linked phone takes the chat over from its agent: `off` in none, `direct` in
 * those with one person, `all` in groups too.
 */
export const TAKEOVER_KINDS = ['off', 'direct', 'all'] as const

/** One of {@link TAKEOVER_KINDS}. */
export type TakeoverKind = (typeof TAKEOVER_KINDS)[number]

/** Who took a chat over: its owner, by writing there on the phone, or somebody by the API, the page or the command line. */
export const TAKEN_BY = ['owner', 'operator'] as const

/** One of {@link TAKEN_BY}. */
export type TakenBy = (typeof TAKEN_BY)[number]

/** A chat that a person has taken over from its agent: nobody else answers there until it ends. */
export type Takeover = {
  readonly account: AccountName
  readonly chat: Chat
  /** When it began: the owner's first words there, or when it was asked for; ms UTC. */
  readonly since: number
  /** When it ends by itself, counted from the owner's last words there; null: when a person ends it. ms UTC */
  readonly until: number | null
  readonly by: TakenBy
}
