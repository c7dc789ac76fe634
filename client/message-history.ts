import type { WireMessage } from '../plugin/contract/api/messages.ts'
import type { HostCall } from './command.ts'
import { newestFirst } from './newest.ts'

/** Which stored messages are meant: at most so many, and none from before an instant (ms UTC) when one is named. */
export type Span = { readonly most: number; readonly sinceMs: number | null }
/** Stored messages, newest first; `more`: others are before these. */
export type History = { readonly messages: readonly WireMessage[]; readonly more: boolean }

/** The newest messages that are stored, of all accounts unless one is named. */
export async function messageHistory(
  { client, options: { account } }: Pick<HostCall, 'client' | 'options'>,
  { most, sinceMs }: Span,
): Promise<History> {
  const messages: WireMessage[] = []
  let more = false
  const pages = newestFirst(most, async asked => {
    const page = await client.whatsapp.messages.list.query({ ...asked, ...(account !== undefined && { account }) })
    return { entries: page.messages, more: page.more }
  })
  for await (const page of pages) {
    const within = page.entries.filter(each => sinceMs === null || Date.parse(each.received_at) >= sinceMs)
    messages.push(...within)
    more = page.more
    // What waited elsewhere was received a little out of order, so only a page without any ends it.
    if (within.length === 0) return { messages, more: false }
  }
  return { messages, more }
}
