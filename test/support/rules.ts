import { NO_INBOUND_LIMITS } from '../../plugin/config/inbound-limits.ts'
import type { IngestParts } from '../../plugin/inbox/ingest.ts'
import type { Resolution } from '../../plugin/contract/binding.ts'

/** Nothing restarts a conversation. */
export const noResets: IngestParts['resets'] = { isReset: () => false, confirm: () => Promise.resolve(null) }

/** The owner's words change nothing. */
export const NO_TAKEOVERS = { humanTakeover: 'off', resumeAfterMs: 3_600_000, resumeWord: '/agent' } as const

/** Rules that say the same of every message. */
export const rulesThatSay = (resolution: Resolution): IngestParts => ({
  rulesOf: () => Promise.resolve({ resolve: () => resolution, change: 0 }),
  alsoAnswered: () => new Set(),
  approvalAnswered: () => Promise.resolve(null),
  resets: noResets,
  mentionAllCounts: () => false,
  budgets: () => NO_INBOUND_LIMITS,
  takeovers: () => NO_TAKEOVERS,
  loops: () => null,
  gatherMs: () => 0,
})

/** No binding takes anything. */
export const noRules = rulesThatSay({ outcome: 'unmatched', reason: 'no_binding' })
