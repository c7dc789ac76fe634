import { z } from 'zod'

import { CALL_LIMITS, type CallLimits, GROWTH_LIMITS, type GrowthLimits } from '../contract/limits.ts'

const calls = z.int().min(1).max(100_000)

/** The settings for the rate of calls, and for things that accumulate. */
export const growthShape = {
  calls_per_second: calls.default(CALL_LIMITS.perSecond),
  calls_at_once: calls.default(CALL_LIMITS.burst),
  waiting_sends_per_org: z.int().min(1).max(1_000_000).default(GROWTH_LIMITS.waitingSends),
}

type Written = z.infer<z.ZodObject<typeof growthShape>>

export const callLimitsOf = (written: Written): CallLimits => ({
  perSecond: written.calls_per_second,
  burst: written.calls_at_once,
})

export const growthLimitsOf = (written: Written): GrowthLimits => ({
  waitingSends: written.waiting_sends_per_org,
})
