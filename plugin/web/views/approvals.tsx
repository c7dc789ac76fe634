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
import { viewTexts as texts } from '../texts/view-texts.ts'

const PAGE = 50

function Pending() {
  const pending = usePendingApprovals()
  const [said, setSaid] = useState<string | null>(null)
  useFocusInView(said !== null, [said, pending.value])
  return (
    <Card title={texts.waitingForADecision}>
      <div role="status" class={said === null ? '' : 'note good'}>
        {said}
      </div>
      <Loaded query={pending}>
        {approvals =>
          approvals.length === 0 ? (
            <Empty title={texts.nothingWaits}>{texts.approvalsAppearHere}</Empty>
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
    <Card title={texts.waitingTurns}>
      <Loaded query={query}>
        {turns =>
          turns.length === 0 ? (
            <p class="quiet">{texts.noWaitingTurns}</p>
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
    <Card title={texts.decided}>
      <RefusalNote refusal={refusal} />
      {decided?.length === 0 && <p class="quiet">{texts.noneYet}</p>}
      <ul class="rows" aria-label={texts.decidedApprovals}>
        {decided?.map(each => (
          <DecidedApproval key={each.id} approval={each} />
        ))}
      </ul>
      {more && <button onClick={more}>{texts.showOlderOnes}</button>}
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
