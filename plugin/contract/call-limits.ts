/** How many calls one token may make. The host's operator sets it for all orgs. */
export type CallLimits = {
  readonly perSecond: number
  /** So many at once, after a rest. */
  readonly burst: number
}

/** What holds where the settings say nothing else. */
export const CALL_LIMITS: CallLimits = { perSecond: 50, burst: 100 }
