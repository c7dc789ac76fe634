import type { WireSender } from '../../contract/api/senders.ts'
import { Badge } from '../parts/badge.tsx'
import { InGroup } from '../parts/in-group.tsx'
import { OwnName } from '../parts/own-name.tsx'
import { Untrusted } from '../parts/untrusted.tsx'
import { timeOf } from '../texts/words.ts'
import type { Act } from './acts.ts'
import { type AuditEntry, subjectOf } from './entry.ts'

function Facts({ entry }: { entry: AuditEntry }) {
  return (
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
  )
}

/** Who wrote the message that the entry is about, and where. */
function Sender({ sender: { address, name, group, group_subject: subject } }: { sender: WireSender }) {
  return (
    <span>
      for <bdi>{address}</bdi>
      <OwnName name={name} />
      <InGroup group={group} subject={subject} />{' '}
    </span>
  )
}

/** One act; its details are behind its line. */
export function AuditRow({ act: { entry, call }, sender }: { act: Act; sender: WireSender | undefined }) {
  return (
    <li class="audit-entry">
      <details>
        <summary>
          <Badge tone={entry.decision === 'allow' ? 'good' : 'bad'}>{entry.decision}</Badge>{' '}
          <strong>{entry.action}</strong> <span>{subjectOf(entry)}</span> {sender && <Sender sender={sender} />}
          <span class="quiet">
            {entry.user_id !== null && `by ${entry.user_id}, `}
            {entry.rule !== null && `${entry.rule}, `}
            <time dateTime={entry.ts}>{timeOf(entry.ts)}</time>
          </span>
        </summary>
        <Facts entry={entry} />
        {call && (
          <>
            <p class="quiet">It was asked for by this call:</p>
            <Facts entry={call} />
          </>
        )}
      </details>
    </li>
  )
}
