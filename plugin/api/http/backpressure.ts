import { setTimeout as delay } from 'node:timers/promises'

/** How much data may be queued for a reader, and for how long. */
export type OutflowLimits = {
  /** Above this, subscriptions read nothing more from their source. */
  readonly pauseBytes: number
  /** Above this, the socket is terminated. */
  readonly mostBytes: number
  /** A reader that stays above `pauseBytes` for this long is disconnected. */
  readonly drainMs: number
}

/** The limits of every socket. `mostBytes` has room for the largest page of `messages.list`, 200 texts of 64 KiB. */
export const OUTFLOW_LIMITS: OutflowLimits = { pauseBytes: 1_048_576, mostBytes: 67_108_864, drainMs: 30_000 }

/** Holds back the senders of a socket: tRPC's ws adapter queues without any bound (reference/stack.md §1.3). */
export type Outflow = {
  /** Waits until the reader has caught up; terminates the socket if it does not. Returns early when `signal` is aborted. */
  room(signal: AbortSignal): Promise<void>
  /** Terminates the socket if too much is queued already. */
  enforce(): void
}

const POLL_MS = 50

/**
 * The part of a socket that is used here. The client's types include this file, and the types of `ws` are not installed with them.
 */
type Written = { readonly bufferedAmount: number; terminate(): void }

/** The outflow of one socket. */
export function outflowOf(socket: Written, limits: OutflowLimits): Outflow {
  const cutOff = () => {
    if (socket.bufferedAmount > limits.mostBytes) socket.terminate()
  }
  const enforce = () => {
    cutOff()
    // The current answer is queued only after this call.
    setTimeout(cutOff, POLL_MS)
  }
  const room = async (signal: AbortSignal) => {
    cutOff()
    const deadline = performance.now() + limits.drainMs
    while (socket.bufferedAmount > limits.pauseBytes && !signal.aborted) {
      if (performance.now() > deadline) return socket.terminate()
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined)
    }
  }
  return { room, enforce }
}
