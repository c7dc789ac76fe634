import './audit.css'

import { useState } from 'preact/hooks'

import { actsOf } from '../audit/acts.ts'
import { AuditRow } from '../audit/audit-row.tsx'
import { CsvButton } from '../audit/csv-button.tsx'
import type { AuditEntry } from '../audit/entry.ts'
import { FilterForm } from '../audit/filter-form.tsx'
import { NO_FILTERS, passes, queryOf } from '../audit/filters.ts'
import { messageOf, useSenders } from '../audit/senders.ts'
import { type StreamState, useAuditStream } from '../audit/use-audit-stream.ts'
import { useChannel } from '../data/channel.ts'
import { useDebounced } from '../hooks/debounced.ts'
import { type Pages, usePages } from '../data/pages.ts'
import { Badge } from '../parts/badge.tsx'
import { Card } from '../parts/card.tsx'
import { Empty } from '../parts/empty.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { viewTexts as texts } from '../texts/view-texts.ts'

const PAGE = 100

const ABSENT = <Empty title={texts.noAuditLog}>{texts.auditLogElsewhere}</Empty>
const NOTHING = <Empty title={texts.noEntries}>{texts.entriesAppearHere}</Empty>

function Entries({ items, refusal, more }: Pages<AuditEntry>) {
  const acts = actsOf(items ?? [])
  const senders = useSenders(acts)
  return (
    <>
      <RefusalNote refusal={refusal} />
      {items === null && !refusal && <p class="quiet">{texts.loading}</p>}
      {items?.length === 0 && NOTHING}
      <ul class="rows" aria-label={texts.entriesNewestFirst}>
        {acts.map(act => (
          <AuditRow key={(act.call ?? act.entry).id} act={act} sender={senders.get(messageOf(act) ?? '')} />
        ))}
      </ul>
      {more && <button onClick={more}>{texts.showOlderOnes}</button>}
    </>
  )
}

function LiveBadge({ state }: { state: StreamState }) {
  return state === 'live' ? <Badge tone="good">{texts.live}</Badge> : <Badge tone="wait">{texts.notLive}</Badge>
}

/** The host's audit log: what was decided and done, by whom and why. */
export function Audit() {
  const channel = useChannel()
  const [filters, setFilters] = useState(NO_FILTERS)
  const asked = useDebounced(filters)
  const pages = usePages<AuditEntry>(
    async (before, signal) => {
      const path = `/api/v1/policies/audit?${queryOf(asked, { limit: PAGE, before })}`
      const { entries } = (await (await channel.get(path, signal)).json()) as { entries: AuditEntry[] }
      return entries
    },
    PAGE,
    [JSON.stringify(asked)],
  )
  const state = useAuditStream({ take: entry => passes(asked, entry) && pages.add(entry), begun: pages.again })
  if (state === 'absent') return ABSENT
  const actions = [...new Set((pages.items ?? []).map(({ action }) => action))].toSorted()
  return (
    <Card title={texts.newestFirst} aside={<LiveBadge state={state} />}>
      <FilterForm filters={filters} actions={actions} change={part => setFilters(before => ({ ...before, ...part }))} />
      <CsvButton filters={filters} />
      <Entries {...pages} />
    </Card>
  )
}
