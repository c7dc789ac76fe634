import type { WireMessage } from '../../plugin/contract/api/messages.ts'
import type { HostCall } from '../command/command.ts'
import { newestFirst } from './newest.ts'

/** Which stored messages to return: at most `most`, and only those since `sinceMs` (ms UTC) unless it is null. */
export type Span = { readonly most: number; readonly sinceMs: number | null }
/** Stored messages, newest first; `more`: older ones exist. */
export type History = { readonly messages: readonly WireMessage[]; readonly more: boolean }

/** The newest stored messages, of all accounts unless one is named. */
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
    // Backlog messages are received slightly out of order, so only a page without any match ends the search.
    if (within.length === 0) return { messages, more: false }
  }
  return { messages, more }
}
