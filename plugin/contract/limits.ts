/** How many calls one token may make. The host's operator sets it for all orgs. */
export type CallLimits = {
  readonly perSecond: number
  /** So many at once, after a rest. */
  readonly burst: number
}

/** The default of {@link CallLimits}. */
export const CALL_LIMITS: CallLimits = { perSecond: 50, burst: 100 }

/** How much of the host callers may hold by WebSockets. The host's operator sets it for all orgs. */
export type SocketLimits = {
  /** Sockets that have not said yet whose they are. */
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

/** How much an org may have of what grows. The host's operator sets it for all orgs. */
export type GrowthLimits = {
  /** Sends that have not gone out, nor ended. */
  readonly waitingSends: number
}

/** The default of {@link GrowthLimits}. */
export const GROWTH_LIMITS: GrowthLimits = { waitingSends: 10_000 }

/** What the callers of an org hold of the api now. */
export type Held = { readonly sockets: number; readonly subscriptions: number }
