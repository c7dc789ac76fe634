import type { WireApproval } from '../../contract/api/approvals.ts'
import { Age } from '../parts/age.tsx'
import type { Tone } from '../texts/tone.ts'
import { Badge } from '../parts/badge.tsx'
import { Untrusted } from '../parts/untrusted.tsx'
import { Asker, Question } from './asked.tsx'
import { EffectBadge } from './effect-badge.tsx'

const TONES: Record<WireApproval['status'], Tone> = {
  pending: 'wait',
  approved: 'good',
  denied: 'bad',
  expired: 'plain',
}

/** A decided call: the decision, by whom and when. */
export function DecidedApproval({ approval }: { approval: WireApproval }) {
  const { tool, effect, status, decided_by: by, decided_at: at, expires_at: lapsed, note } = approval
  return (
    <li class="decided">
      <details>
        <summary>
          <strong>{tool}</strong> <EffectBadge effect={effect} /> <Badge tone={TONES[status]}>{status}</Badge>{' '}
          <Age at={at ?? lapsed} />
        </summary>
        <dl class="facts">
          <dt>Arguments</dt>
          <dd>
            <Untrusted label="Arguments" value={approval.arguments} />
          </dd>
          <dt>Decided by</dt>
          <dd>{by === null ? 'nobody' : <code>{by}</code>}</dd>
          <dt>Note</dt>
          <dd>{note ?? '–'}</dd>
          <dt>Asked by</dt>
          <dd>
            <Asker approval={approval} />
          </dd>
          <dt>Message</dt>
          <dd>
            <Question approval={approval} />
          </dd>
        </dl>
      </details>
    </li>
  )
}
