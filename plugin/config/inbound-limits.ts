/** What no agent is asked about unless the settings say so. */
export const ALSO_ANSWERED = [
  'edit',
  'reaction',
  'poll_vote',
  'event_response',
  'group_change',
  'call',
  'business',
] as const
export type AlsoAnswered = (typeof ALSO_ANSWERED)[number]

/** About how many messages of a minute agents are asked; null: about all of them. */
export type Budgets = {
  readonly perSender: number | null
  /** Of a group; a direct chat is as its peer. */
  readonly perChat: number | null
  /** A third of it is kept for those who wrote before. */
  readonly perAccount: number | null
}

/** As they are without settings. */
export const DEFAULT_BUDGETS: Budgets = { perSender: 20, perChat: 60, perAccount: 600 }

/** Agents are asked about everything. */
export const NO_BUDGETS: Budgets = { perSender: null, perChat: null, perAccount: null }

/** However fast somebody goes on, their first words wait no longer to be put to an agent. */
export const GATHER_MOST_MS = 10_000
