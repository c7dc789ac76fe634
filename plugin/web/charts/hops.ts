import type { WireCourse } from '../../contract/api/message-trace.ts'

/** How long each hop of a message took, ms; null if the message has not got that far. */
export type Hops = {
  readonly id: string
  readonly stored: number | null
  readonly agent: number | null
  readonly whole: number | null
}

const between = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from))

/** Computes the durations from the instants of a message's hops. */
export const hopsOf = ({ message_id: id, hops }: Pick<WireCourse, 'message_id' | 'hops'>): Hops => ({
  id,
  stored: between(hops.received_at, hops.turn_queued_at),
  agent: between(hops.turn_queued_at, hops.turn_ended_at),
  whole: between(hops.received_at, hops.first_reply_sent_at),
})

/** The middle number, or the mean of the two in the middle; null if there are none. */
export function median(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((left, right) => left - right)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
