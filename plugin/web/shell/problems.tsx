import { useState } from 'preact/hooks'

import type { WireProblem } from '../../contract/api/problems.ts'
import { Age } from '../parts/age.tsx'
import { useSubscription } from '../data/subscription.ts'
import { shellTexts as texts } from '../texts/shell-texts.ts'

/** The problems of the channel other than its links, above every view; nothing if there are none. */
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
          {account !== null && account !== 'default' && texts.ofAccount(account)}
        </p>
      ))}
    </div>
  )
}
