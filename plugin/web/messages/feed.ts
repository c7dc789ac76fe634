import type { WireMessage } from '../../contract/api/messages.ts'

/** The newest messages, as far back as the user has loaded. */
export type Feed = {
  /** Newest first. */
  readonly messages: readonly WireMessage[]
  /** How many messages are kept; new ones push out the oldest. */
  readonly most: number
  /** Whether there are no older messages. */
  readonly complete: boolean
}

/** A page of messages; shorter than {@link PAGE} if the messages are long. */
export type Page = { readonly messages: readonly WireMessage[]; readonly more: boolean }

/** The size of a page. */
export const PAGE = 50

export const NO_FEED: Feed = { messages: [], most: PAGE, complete: false }

const byAge = (left: WireMessage, right: WireMessage): number => (left.id < right.id ? 1 : -1)

/** Ids are in order of age. A newer version of a known message replaces it. */
function merged(feed: Feed, more: readonly WireMessage[]): readonly WireMessage[] {
  const byId = new Map(feed.messages.map(each => [each.id, each]))
  for (const each of more) byId.set(each.id, each)
  return [...byId.values()].toSorted(byAge)
}

/** The inbound messages after an id, newest first. */
export const arrivedSince = (messages: readonly WireMessage[], known: string): readonly WireMessage[] =>
  messages.filter(({ id, direction }) => id > known && direction === 'inbound')

/** Adds a message that was received or sent, or replaces its known version. */
export function withMessage(feed: Feed, message: WireMessage): Feed {
  const messages = merged(feed, [message])
  const complete = feed.complete && messages.length <= feed.most
  return { ...feed, messages: messages.slice(0, feed.most), complete }
}

/** Adds the newest page. If the known messages do not reach it, drops them, because messages in between may be missing. */
export function withNewest(feed: Feed, { messages: page, more }: Page): Feed {
  const ends = !more
  const known = new Set(feed.messages.map(({ id }) => id))
  if (!ends && !page.some(({ id }) => known.has(id))) {
    const oldest = page.at(-1)?.id ?? ''
    const newer = feed.messages.filter(({ id }) => id > oldest)
    return { messages: merged({ ...feed, messages: newer }, page), most: PAGE + newer.length, complete: false }
  }
  const messages = merged(feed, page)
  const complete = (ends || feed.complete) && messages.length <= feed.most
  return { ...feed, messages: messages.slice(0, feed.most), complete }
}

/** Adds the page before the oldest message. */
export function withOlder(feed: Feed, { messages: page, more }: Page): Feed {
  const messages = merged(feed, page)
  return { messages, most: Math.max(feed.most, messages.length), complete: !more }
}
