import { CALL_LIMITS, type CallLimits, SOCKET_LIMITS, type SocketLimits } from '../../contract/limits.ts'
import { OUTFLOW_LIMITS, type OutflowLimits } from './backpressure.ts'

/** The limits on what callers may use of the API. */
export type ApiLimits = {
  readonly outflow: OutflowLimits
  /** The current settings. */
  readonly sockets: () => SocketLimits
  readonly calls: () => CallLimits
  /** ms, of a monotonic clock. */
  readonly clock: () => number
}

export const API_LIMITS: ApiLimits = {
  outflow: OUTFLOW_LIMITS,
  sockets: () => SOCKET_LIMITS,
  calls: () => CALL_LIMITS,
  clock: () => performance.now(),
}
