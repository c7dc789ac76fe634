import type { WireSender } from '../../contract/api/senders.ts'
import { Badge } from '../parts/badge.tsx'
import { InGroup } from '../parts/in-group.tsx'
import { OwnName } from '../parts/own-name.tsx'
import { Untrusted } from '../parts/untrusted.tsx'
import { auditTexts as texts } from '../texts/audit-texts.ts'
import { timeOf } from '../texts/words.ts'
import type { Act } from './acts.ts'
import { type AuditEntry, subjectOf } from './entry.ts'

function Facts({ entry }: { entry: AuditEntry }) {
  return (
    <dl class="facts">
      <dt>{texts.number}</dt>
      <dd>{entry.seq}</dd>
      <dt>{texts.onBehalfOf}</dt>
      <dd>{entry.user_id === null ? texts.nobody : <code>{entry.user_id}</code>}</dd>
      <dt>{texts.request}</dt>
      <dd>
        <code>{entry.context.request_id}</code>
        {entry.context.latency_ms !== null && texts.decidedIn(entry.context.latency_ms)}
      </dd>
      <dt>{texts.about}</dt>
      <dd>
        <Untrusted label={texts.about} value={entry.resource} />
      </dd>
      <dt>{texts.judgedBy}</dt>
      <dd>
        <Untrusted label={texts.judgedBy} value={entry.input} />
      </dd>
    </dl>
  )
}

/** Who wrote the message that the entry is about, and where. */
function Sender({ sender: { address, name, group, group_subject: subject } }: { sender: WireSender }) {
  return (
    <span>
      {texts.forSender}
      <bdi>{address}</bdi>
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
            {entry.user_id !== null && texts.by(entry.user_id)}
            {entry.rule !== null && `${entry.rule}, `}
            <time dateTime={entry.ts}>{timeOf(entry.ts)}</time>
          </span>
        </summary>
        <Facts entry={entry} />
        {call && (
          <>
            <p class="quiet">{texts.askedForBy}</p>
            <Facts entry={call} />
          </>
        )}
      </details>
    </li>
  )
}
