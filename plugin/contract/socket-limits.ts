/** How much of the host callers may hold by WebSockets. The host's operator sets it for all orgs. */
export type SocketLimits = {
  /** Sockets that have not said yet whose they are. */
  readonly unowned: number
  readonly perToken: number
  readonly subscriptionsPerSocket: number
  readonly subscriptionsPerOrg: number
}

/** What holds where the settings say nothing else. */
export const SOCKET_LIMITS: SocketLimits = {
  unowned: 100,
  perToken: 20,
  subscriptionsPerSocket: 50,
  subscriptionsPerOrg: 500,
}
