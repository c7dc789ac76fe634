import { useState } from 'preact/hooks'

import type { WireProblem } from '../../contract/api/problems.ts'
import { Age } from '../parts/age.tsx'
import { useSubscription } from '../data/subscription.ts'

/** All that is wrong with the channel beside its links, above every view; nothing when all is well. */
export function Problems() {
  const [problems, setProblems] = useState<readonly WireProblem[]>([])
  useSubscription<{ problems: WireProblem[] }>(
    (client, observer) => client.problems.watch.subscribe(undefined, observer),
    { take: told => setProblems(told.problems) },
    [],
  )
  return (
    <div role="alert" class="problems">
      {problems.map(({ code, account, agent, says, todo, since }) => (
        <p key={[code, account, agent].join('/')} class="note bad">
          <strong>{says}</strong> {todo} <Age at={since} />
          {account !== null && account !== 'default' && <> · account {account}</>}
        </p>
      ))}
    </div>
  )
}
