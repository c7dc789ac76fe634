/** The call rate limit of one token. The host's operator sets it for all orgs. */
export type CallLimits = {
  readonly perSecond: number
  /** How many calls may come at once after a pause. */
  readonly burst: number
}

/** The default of {@link CallLimits}. */
export const CALL_LIMITS: CallLimits = { perSecond: 50, burst: 100 }

/** How many WebSockets and subscriptions callers may hold open. The host's operator sets it for all orgs. */
export type SocketLimits = {
  /** Sockets that are not authenticated yet. */
  readonly unowned: number
  readonly perToken: number
  readonly subscriptionsPerSocket: number
  readonly subscriptionsPerOrg: number
}

/** The default of {@link SocketLimits}. */
export const SOCKET_LIMITS: SocketLimits = {
  unowned: 100,
  perToken: 20,
  subscriptionsPerSocket: 50,
  subscriptionsPerOrg: 500,
}

/** The limits of an org on things that accumulate. The host's operator sets them for all orgs. */
export type GrowthLimits = {
  /** Sends that are neither sent nor ended. */
  readonly waitingSends: number
}

/** The default of {@link GrowthLimits}. */
export const GROWTH_LIMITS: GrowthLimits = { waitingSends: 10_000 }

/** How many sockets and subscriptions the callers of an org hold open now. */
export type Held = { readonly sockets: number; readonly subscriptions: number }
