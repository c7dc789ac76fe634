import type { WireMessage } from '../plugin/contract/api/messages.ts'
import type { Paint } from './paint.ts'

/** The day (UTC) of an instant as it stands on the wire. */
export const dayOf = (instant: string): string => instant.slice(0, 'YYYY-MM-DD'.length)

/** Messages in the order of time, each with the day that begins at it, null where it is that of the one before. */
export function underDays(
  messages: readonly WireMessage[],
  paint: Paint,
): { readonly day: string | null; readonly message: WireMessage }[] {
  return messages.map((message, at) => {
    const day = dayOf(message.received_at)
    const before = messages[at - 1]
    return { day: before && dayOf(before.received_at) === day ? null : paint('dim', day), message }
  })
}
