import { Badge } from '../parts/badge.tsx'
import { Untrusted } from '../parts/untrusted.tsx'
import { timeOf } from '../parts/words.ts'
import { type AuditEntry, subjectOf } from './entry.ts'

/** One entry of the audit log; all of it is behind its line. */
export function AuditRow({ entry }: { entry: AuditEntry }) {
  return (
    <li class="audit-entry">
      <details>
        <summary>
          <Badge tone={entry.decision === 'allow' ? 'good' : 'bad'}>{entry.decision}</Badge>{' '}
          <strong>{entry.action}</strong> <span>{subjectOf(entry)}</span>{' '}
          <span class="quiet">
            {entry.rule !== null && `${entry.rule}, `}
            <time dateTime={entry.ts}>{timeOf(entry.ts)}</time>
          </span>
        </summary>
        <dl class="facts">
          <dt>Number</dt>
          <dd>{entry.seq}</dd>
          <dt>On behalf of</dt>
          <dd>{entry.user_id === null ? 'nobody in particular' : <code>{entry.user_id}</code>}</dd>
          <dt>Request</dt>
          <dd>
            <code>{entry.context.request_id}</code>
            {entry.context.latency_ms !== null && `, decided in ${entry.context.latency_ms} ms`}
          </dd>
          <dt>About</dt>
          <dd>
            <Untrusted label="About" value={entry.resource} />
          </dd>
          <dt>Judged by</dt>
          <dd>
            <Untrusted label="Judged by" value={entry.input} />
          </dd>
        </dl>
      </details>
    </li>
  )
}
