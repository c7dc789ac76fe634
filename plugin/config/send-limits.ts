/**
 * One limit: a `count` within a period, which is stricter when smaller, or a `gap` in seconds, which is stricter when longer.
 * Nobody can make a `firm` limit laxer.
 */
type Limit = { readonly kind: 'count' | 'gap'; readonly value: number; readonly firm?: true }

const count = (value: number): Limit => ({ kind: 'count', value })
const gap = (value: number): Limit => ({ kind: 'gap', value })

/** How fast an account sends, by the names of the settings (for the reasons see reliability.md §6). */
export const LIMITS = {
  reply_gap_seconds: gap(2),
  replies_per_chat_minute: count(10),
  replies_per_minute: count(20),
  replies_per_hour: count(300),
  proactive_gap_seconds: gap(6),
  /** Random for each send, between this and three times this. */
  proactive_account_gap_seconds: gap(10),
  proactive_per_hour: count(60),
  proactive_per_day: count(200),
  cold_per_day_at_first: count(5),
  cold_per_day: count(10),
  group_gap_seconds: gap(30),
  group_per_hour: count(20),
  days_1_to_2_per_day: count(50),
  days_3_to_5_per_day: count(150),
  days_6_to_10_per_day: count(300),
  same_text_recipients: count(5),
  /** Number lookups on WhatsApp: many lookups are a sign of spammers. */
  lookups_per_hour: { ...count(20), firm: true },
  lookups_per_day: { ...count(50), firm: true },
  /** The signs of a loop (safeguards/loop-detection.ts): the turn that reaches one of these counts is not started. */
  loop_quick_turns: { ...count(20), firm: true },
  loop_same_text: { ...count(6), firm: true },
  loop_turns_per_hour: { ...count(120), firm: true },
} as const satisfies Record<string, Limit>

/** The name of a limit. */
export type LimitName = keyof typeof LIMITS

/** The limits in force. */
export type Limits = Readonly<Record<LimitName, number>>

/** The largest value of a setting, so that every instant computed from it is valid. */
export const LARGEST_LIMIT = 1_000_000

/** All names, in the order of their description. */
export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[]

/** The limits without settings. */
export const DEFAULT_LIMITS: Limits = limitsOf({})

/** The default limits, overridden by the written ones. */
export function limitsOf(written: Partial<Record<LimitName, number | undefined>>): Limits {
  return Object.fromEntries(LIMIT_NAMES.map(name => [name, written[name] ?? LIMITS[name].value])) as Limits
}

/** Whether `value` lets more through than `than` for this limit. */
export const isLaxer = (name: LimitName, value: number, than: number): boolean =>
  LIMITS[name].kind === 'count' ? value > than : value < than

/**
 * The first limit that is laxer than its default, which requires `pacing.raise`; with `firmOnly` only among the firm limits,
 * which can never be laxer; null if there is none.
 */
export function raisedLimit(limits: Limits, firmOnly = false): LimitName | null {
  return (
    LIMIT_NAMES.find(
      name => isLaxer(name, limits[name], LIMITS[name].value) && (!firmOnly || 'firm' in LIMITS[name]),
    ) ?? null
  )
}
