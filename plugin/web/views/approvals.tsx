import './approvals.css'

import { useState } from 'preact/hooks'

import type { WireApproval } from '../../contract/api/approvals.ts'
import { DecidedApproval } from '../approvals/decided-approval.tsx'
import { usePendingApprovals, useWaitingTurns } from '../approvals/pending.ts'
import { PendingApproval } from '../approvals/pending-approval.tsx'
import { WaitingTurn } from '../approvals/waiting-turn.tsx'
import { useChannel } from '../data/channel.ts'
import { useFocusInView } from '../hooks/focus.ts'
import { usePages } from '../data/pages.ts'
import { Card } from '../parts/card.tsx'
import { Empty } from '../parts/empty.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { useTurnChanges } from '../data/turn-changes.ts'

const PAGE = 50

function Pending() {
  const pending = usePendingApprovals()
  const [said, setSaid] = useState<string | null>(null)
  useFocusInView(said !== null, [said, pending.value])
  return (
    <Card title="Waiting for a decision">
      <div role="status" class={said === null ? '' : 'note good'}>
        {said}
      </div>
      <Loaded query={pending}>
        {approvals =>
          approvals.length === 0 ? (
            <Empty title="Nothing waits">Tool calls that need an approval appear here.</Empty>
          ) : (
            approvals.map(each => (
              <PendingApproval key={each.id} approval={each} again={pending.again} said={setSaid} />
            ))
          )
        }
      </Loaded>
    </Card>
  )
}

function WaitingTurns() {
  const query = useWaitingTurns()
  return (
    <Card title="Turns that wait for a person">
      <Loaded query={query}>
        {turns =>
          turns.length === 0 ? (
            <p class="quiet">None. Turns that failed repeatedly appear here until a person decides.</p>
          ) : (
            <ul class="rows">
              {turns.map(each => (
                <WaitingTurn key={each.id} turn={each} again={query.again} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  )
}

const isDecided = ({ status }: WireApproval): boolean => status !== 'pending'

function Decided() {
  const { client } = useChannel()
  const { items, refusal, more, again } = usePages<WireApproval>(
    async (before, signal) =>
      (await client.approvals.list.query({ limit: PAGE, ...(before !== null && { before }) }, { signal })).approvals,
    PAGE,
    [],
  )
  useTurnChanges(again)
  const decided = items?.filter(isDecided)
  return (
    <Card title="Decided">
      <RefusalNote refusal={refusal} />
      {decided?.length === 0 && <p class="quiet">None yet.</p>}
      <ul class="rows" aria-label="Decided approvals">
        {decided?.map(each => (
          <DecidedApproval key={each.id} approval={each} />
        ))}
      </ul>
      {more && <button onClick={more}>Show older ones</button>}
    </Card>
  )
}

/** The calls and turns that wait for a person, and the decided calls. */
export function Approvals() {
  return (
    <>
      <Pending />
      <WaitingTurns />
      <Decided />
    </>
  )
}
