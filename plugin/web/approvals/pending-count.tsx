import '../parts/announcement.css'
import './pending-count.css'

import { usePendingApprovals, useWaitingTurns } from './pending.ts'
import { approvalTexts as texts } from '../texts/approval-texts.ts'

/** How many calls and turns wait for a person; nothing if none does, or the user may not see them. */
export function PendingCount() {
  const approvals = usePendingApprovals().value?.length ?? 0
  const turns = useWaitingTurns().value?.length ?? 0
  const count = approvals + turns
  if (count === 0) return null
  return (
    <span class="count">
      {count}
      <span class="unseen"> {texts.waiting}</span>
    </span>
  )
}
