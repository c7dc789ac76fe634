import '../parts/said.css'
import './pending-count.css'

import { usePendingApprovals } from './pending.ts'

/** How many calls wait for a person; nothing when none does, or it is not for whoever looks. */
export function PendingCount() {
  const count = usePendingApprovals().value?.length ?? 0
  if (count === 0) return null
  return (
    <span class="count">
      {count}
      <span class="unseen"> waiting</span>
    </span>
  )
}
