import { useState } from 'preact/hooks'

import type { WireMessage } from '../../contract/api/messages.ts'
import { type Action, useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { type Query, useQuery } from '../data/query.ts'
import type { Refusal } from '../data/refusal.ts'
import { useSubscription } from '../data/subscription.ts'
import { type Feed, NO_FEED, PAGE, withMessage, withNewest, withOlder } from './feed.ts'

export type LiveFeed = {
  readonly feed: Feed
  /** The listing of the newest page; null in it until there was one. */
  readonly listed: Query<unknown>
  /** Why the host does not tell of new ones. */
  readonly refusal: Refusal | null
  readonly older: () => void
  readonly asking: Action
  /** Another word on a message that is in the feed. */
  readonly correct: (message: WireMessage) => void
}

/**
 * The messages of an account, or of all, as they come and go. They are listed each time that the host has begun to tell of
 * new ones, so that none falls between. A view of another account has to be another one.
 */
export function useFeed(account: string | null): LiveFeed {
  const { client } = useChannel()
  const [feed, setFeed] = useState(NO_FEED)
  const [started, setStarted] = useState(0)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const asking = useAction()
  const of = { limit: PAGE, ...(account !== null && { account }) }
  useSubscription<{ data: WireMessage }>(
    ({ whatsapp }, observer) => whatsapp.messages.watch.subscribe(undefined, observer),
    {
      take({ data: message }) {
        if (account === null || message.account === account) setFeed(before => withMessage(before, message))
      },
      started() {
        setRefusal(null)
        setStarted(before => before + 1)
      },
      refused: setRefusal,
    },
    [],
  )
  const listed = useQuery(
    async signal => {
      if (started === 0) return null
      const page = await client.whatsapp.messages.list.query(of, { signal })
      if (!signal.aborted) setFeed(before => withNewest(before, page))
      return page.messages
    },
    [started],
  )
  const older = (): void => {
    const before = feed.messages.at(-1)?.id
    if (before === undefined) return
    void asking.run(async () => {
      const page = await client.whatsapp.messages.list.query({ ...of, before })
      setFeed(known => withOlder(known, page))
    })
  }
  return { feed, listed, refusal, older, asking, correct: message => setFeed(before => withMessage(before, message)) }
}
