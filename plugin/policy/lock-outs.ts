import { DAY_MS, HOUR_MS } from '../base/durations.ts'
import type { OrgId } from '../contract/ids.ts'
import type { PolicyQuestion } from '../contract/policy.ts'
import type { Engine } from './engine.ts'
import { evaluate } from './evaluation.ts'
import { inputOf } from './input.ts'
import { OWNERS_CALLS } from './owners-calls.ts'

/** A rule that would deny an owner a call of {@link OWNERS_CALLS}; null where the policies give no answer instead. */
export type LockOut = { readonly rule: string | null; readonly action: string }

const MONTH_MS = 30 * DAY_MS
const YEAR_MS = 365 * DAY_MS

const steps = (count: number, stepMs: number): number[] => Array.from({ length: count }, (_, index) => index * stepMs)

/** Each hour of a day, day of a month, month of a year and year of twenty: rules compare times by these. */
const AHEAD_MS = [...steps(24, HOUR_MS), ...steps(32, DAY_MS), ...steps(13, MONTH_MS), ...steps(21, YEAR_MS)]

function questionOf(org: OrgId, { action, procedure }: (typeof OWNERS_CALLS)[number], index: number): PolicyQuestion {
  return {
    org,
    user: `usr_self_check_${index}`,
    role: 'owner',
    channel: 'api',
    action,
    resource: { channel: 'whatsapp', procedure },
    approvalGranted: false,
    requestId: `req_self_check_${index}`,
    message: null,
  }
}

/** Finds every rule that would deny an owner to see or to change policies, now or later. */
export function lockOutsOf(engines: readonly Engine[], org: OrgId, now: Date): LockOut[] {
  const found = new Map<string | null, LockOut>()
  for (const call of OWNERS_CALLS) {
    for (const [index, aheadMs] of AHEAD_MS.entries()) {
      const input = inputOf(questionOf(org, call, index), new Date(now.getTime() + aheadMs))
      const { verdict, denials } = evaluate(engines, input)
      const rules = denials.map(({ rule }) => rule)
      const denying = verdict.verdict === 'deny' ? [verdict.rule, ...rules] : []
      for (const rule of denying) if (!found.has(rule)) found.set(rule, { rule, action: call.action })
    }
  }
  return [...found.values()]
}
