import { CALL_LIMITS, type CallLimits, SOCKET_LIMITS, type SocketLimits } from '../../contract/limits.ts'
import { OUTFLOW_LIMITS, type OutflowLimits } from './backpressure.ts'

/** How much callers may hold of the api. */
export type ApiLimits = {
  readonly outflow: OutflowLimits
  /** As the settings have it now. */
  readonly sockets: () => SocketLimits
  readonly calls: () => CallLimits
  /** ms, of a clock that nobody sets. */
  readonly clock: () => number
}

export const API_LIMITS: ApiLimits = {
  outflow: OUTFLOW_LIMITS,
  sockets: () => SOCKET_LIMITS,
  calls: () => CALL_LIMITS,
  clock: () => performance.now(),
}
