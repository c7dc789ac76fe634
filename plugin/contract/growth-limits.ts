/** How much an org may have of what grows. The host's operator sets it for all orgs. */
export type GrowthLimits = {
  /** Sends that have not gone out, nor ended. */
  readonly waitingSends: number
}

/** What holds where the settings say nothing else. */
export const GROWTH_LIMITS: GrowthLimits = { waitingSends: 10_000 }
