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
  /** The query of the newest page; its value is null until that is loaded. */
  readonly listed: Query<unknown>
  /** Why the host does not deliver new messages. */
  readonly refusal: Refusal | null
  readonly older: () => void
  readonly asking: Action
  /** Replaces a message of the feed with a newer version. */
  readonly correct: (message: WireMessage) => void
}

/**
 * The live messages of an account, or of all (null). Lists the newest page each time the subscription starts, so that no message is
 * missed. A view of another account needs a new component.
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
