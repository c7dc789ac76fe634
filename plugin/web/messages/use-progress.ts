import { useState } from 'preact/hooks'

import type { SendChange } from '../../contract/api/sends.ts'
import type { WireTurn } from '../../contract/api/turns.ts'
import { useChannel } from '../data/channel.ts'
import { useQuery } from '../data/query.ts'
import { useSubscription } from '../data/subscription.ts'
import { NO_PROGRESS, type Progress, withBeginning, withChange, withListed, withTurn } from '../parts/progress.ts'

/** How many of the newest turns are listed at the start. */
const LISTED = 100

/** Follows the progress of sends and turns from now on; also lists the states of the newest turns. */
export function useProgress(): Progress {
  const { client } = useChannel()
  const [progress, setProgress] = useState(NO_PROGRESS)
  useSubscription<{ data: SendChange }>(
    ({ whatsapp }, observer) => whatsapp.sends.watch.subscribe(undefined, observer),
    { take: ({ data: change }) => setProgress(before => withChange(before, change)) },
    [],
  )
  useSubscription<WireTurn>(
    ({ turns }, observer) => turns.watch.subscribe(undefined, observer),
    {
      take: turn => setProgress(before => withTurn(before, turn)),
      started: () => setProgress(withBeginning),
    },
    [],
  )
  useQuery(
    async signal => {
      if (progress.begun === 0) return
      const { turns } = await client.turns.list.query({ limit: LISTED }, { signal })
      setProgress(before => withListed(before, turns))
    },
    [progress.begun],
  )
  return progress
}
