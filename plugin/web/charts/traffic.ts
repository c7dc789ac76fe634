import type { WireMessage } from '../../contract/api/messages.ts'

/** The time and direction of a message. */
export type Mark = { readonly id: string; readonly at: number; readonly direction: WireMessage['direction'] }

/** The messages of one clock minute; `startsAt` in ms UTC. */
export type Minute = { readonly startsAt: number; readonly inbound: number; readonly outbound: number }

export const MINUTE_MS = 60_000

export const markOf = ({ id, direction, received_at }: WireMessage): Mark => ({
  id,
  direction,
  at: Date.parse(received_at),
})

/** Adds marks to the known ones, without duplicates and without those from before `since`. */
export function withMarks(known: readonly Mark[], more: readonly Mark[], since: number): readonly Mark[] {
  const byId = new Map([...known, ...more].map(mark => [mark.id, mark]))
  return [...byId.values()].filter(({ at }) => at >= since)
}

/** The messages in each of the last `count` clock minutes, ending with the minute of `now`. */
export function perMinute(marks: readonly Mark[], now: number, count: number): readonly Minute[] {
  const last = Math.floor(now / MINUTE_MS)
  const minutes = Array.from({ length: count }, (_, n) => ({
    startsAt: (last - count + 1 + n) * MINUTE_MS,
    inbound: 0,
    outbound: 0,
  }))
  for (const { at, direction } of marks) {
    const minute = minutes[Math.floor(at / MINUTE_MS) - last + count - 1]
    if (minute) minute[direction] += 1
  }
  return minutes
}
