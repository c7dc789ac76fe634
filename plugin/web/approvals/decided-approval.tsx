import type { WireApproval } from '../../contract/api/approvals.ts'
import { Age } from '../parts/age.tsx'
import type { Tone } from '../texts/tone.ts'
import { Badge } from '../parts/badge.tsx'
import { Untrusted } from '../parts/untrusted.tsx'
import { Asker, Question } from './asked.tsx'
import { EffectBadge } from './effect-badge.tsx'
import { approvalTexts as texts } from '../texts/approval-texts.ts'

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
          <dt>{texts.arguments}</dt>
          <dd>
            <Untrusted label={texts.arguments} value={approval.arguments} />
          </dd>
          <dt>{texts.decidedBy}</dt>
          <dd>{by === null ? texts.nobody : <code>{by}</code>}</dd>
          <dt>{texts.note}</dt>
          <dd>{note ?? '–'}</dd>
          <dt>{texts.askedBy}</dt>
          <dd>
            <Asker approval={approval} />
          </dd>
          <dt>{texts.message}</dt>
          <dd>
            <Question approval={approval} />
          </dd>
        </dl>
      </details>
    </li>
  )
}
