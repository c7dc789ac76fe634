import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import type { Paint } from '../terminal/colour.ts'

/** The day (UTC) of an instant in its wire format. */
export const dayOf = (instant: string): string => instant.slice(0, 'YYYY-MM-DD'.length)

/** Messages in chronological order, each with its day if it is the first message of that day, else null. */
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
