/** The kinds of events that trigger an agent only if the settings say so. */
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

/** How many messages per minute may trigger agents, roughly; null: no limit. */
export type InboundLimits = {
  readonly perSender: number | null
  /** Per group; a direct chat counts as its peer. */
  readonly perChat: number | null
  /** A third of it is reserved for people who wrote before. */
  readonly perAccount: number | null
}

/** The limits without settings. */
export const DEFAULT_INBOUND_LIMITS: InboundLimits = { perSender: 20, perChat: 60, perAccount: 600 }

/** No limits: every message may trigger an agent. */
export const NO_INBOUND_LIMITS: InboundLimits = { perSender: null, perChat: null, perAccount: null }

/** The longest time that a person's first message waits for further ones, however fast they follow. */
export const MAX_GATHER_MS = 10_000
