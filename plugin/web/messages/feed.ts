import type { WireMessage } from '../../contract/api/messages.ts'

/** The newest messages, as far back as they were asked for. */
export type Feed = {
  /** Newest first. */
  readonly messages: readonly WireMessage[]
  /** How many are kept: what is older is let go of when newer ones come. */
  readonly most: number
  /** Whether there are no older ones. */
  readonly complete: boolean
}

/** What is listed at a time; fewer than {@link PAGE} where they are long. */
export type Page = { readonly messages: readonly WireMessage[]; readonly more: boolean }

/** How many are listed at a time. */
export const PAGE = 50

export const NO_FEED: Feed = { messages: [], most: PAGE, complete: false }

const byAge = (left: WireMessage, right: WireMessage): number => (left.id < right.id ? 1 : -1)

/** Ids tell the order. Of a message that is known already, what is told of it now counts. */
function merged(feed: Feed, more: readonly WireMessage[]): readonly WireMessage[] {
  const byId = new Map(feed.messages.map(each => [each.id, each]))
  for (const each of more) byId.set(each.id, each)
  return [...byId.values()].toSorted(byAge)
}

/** Those that came in after one of an id, newest first. */
export const arrivedSince = (messages: readonly WireMessage[], known: string): readonly WireMessage[] =>
  messages.filter(({ id, direction }) => id > known && direction === 'inbound')

/** A new message or gone. */
export function withMessage(feed: Feed, message: WireMessage): Feed {
  const messages = merged(feed, [message])
  const complete = feed.complete && messages.length <= feed.most
  return { ...feed, messages: messages.slice(0, feed.most), complete }
}

/** The newest page was listed. What is known and does not reach it is let go of, since others may lie between. */
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

/** The page before the oldest one was listed. */
export function withOlder(feed: Feed, { messages: page, more }: Page): Feed {
  const messages = merged(feed, page)
  return { messages, most: Math.max(feed.most, messages.length), complete: !more }
}
