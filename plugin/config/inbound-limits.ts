/** What no agent is asked about unless the settings say so. */
export const TRIGGER_KINDS = [
  'edit',
  'reaction',
  'poll_vote',
  'event_response',
  'group_change',
  'call',
  'business',
] as const
export type TriggerKind = (typeof TRIGGER_KINDS)[number]

/** About how many messages of a minute agents are asked; null: about all of them. */
export type InboundLimits = {
  readonly perSender: number | null
  /** Of a group; a direct chat is as its peer. */
  readonly perChat: number | null
  /** A third of it is kept for those who wrote before. */
  readonly perAccount: number | null
}

/** As they are without settings. */
export const DEFAULT_INBOUND_LIMITS: InboundLimits = { perSender: 20, perChat: 60, perAccount: 600 }

/** Agents are asked about everything. */
export const NO_INBOUND_LIMITS: InboundLimits = { perSender: null, perChat: null, perAccount: null }

/** However fast somebody goes on, their first words wait no longer to be put to an agent. */
export const MAX_GATHER_MS = 10_000
