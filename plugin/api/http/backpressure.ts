import { setTimeout as delay } from 'node:timers/promises'

/** How much may wait for a reader, and for how long. */
export type OutflowLimits = {
  /** Above it, subscriptions take nothing more from their source. */
  readonly pauseBytes: number
  /** Above it, the socket is cut off. */
  readonly mostBytes: number
  /** A reader that stays above `pauseBytes` for so long is cut off. */
  readonly drainMs: number
}

/** The limits of every socket. `mostBytes` holds the largest page of `messages.list`, 200 texts of 64 KiB. */
export const OUTFLOW_LIMITS: OutflowLimits = { pauseBytes: 1_048_576, mostBytes: 67_108_864, drainMs: 30_000 }

/** What holds a socket's senders back: the ws adapter of tRPC queues without any bound (reference/stack.md §1.3). */
export type Outflow = {
  /** Waits until the reader has caught up; cuts it off when it does not. Returns early when `signal` is aborted. */
  room(signal: AbortSignal): Promise<void>
  /** Cuts off a reader for whom too much waits already. */
  enforce(): void
}

const POLL_MS = 50

/** What of a socket is needed for it. The client's types reach this file, and none of `ws` is installed with them. */
type Written = { readonly bufferedAmount: number; terminate(): void }

/** The outflow of one socket. */
export function outflowOf(socket: Written, limits: OutflowLimits): Outflow {
  const cutOff = () => {
    if (socket.bufferedAmount > limits.mostBytes) socket.terminate()
  }
  const enforce = () => {
    cutOff()
    // The answer that was made just now is queued only after this.
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
