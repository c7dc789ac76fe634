import { useId, useState } from 'preact/hooks'

import type { WireApproval } from '../../contract/api/approvals.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { Age } from '../parts/age.tsx'
import { Field } from '../parts/field.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { Countdown } from './countdown.tsx'
import { Untrusted } from '../parts/untrusted.tsx'
import { Asker, Question } from './asked.tsx'
import { EffectBadge } from './effect-badge.tsx'
import { approvalTexts as texts } from '../texts/approval-texts.ts'

function Facts({ approval, lapsed }: { approval: WireApproval; lapsed: () => void }) {
  return (
    <dl class="facts">
      <dt>{texts.arguments}</dt>
      <dd>
        <Untrusted label={texts.arguments} value={approval.arguments} />
      </dd>
      <dt>{texts.why}</dt>
      <dd>
        <bdi>{approval.reason}</bdi>
      </dd>
      <dt>{texts.askedBy}</dt>
      <dd>
        <Asker approval={approval} />, <Age at={approval.requested_at} />
      </dd>
      <dt>{texts.message}</dt>
      <dd>
        <Question approval={approval} />
      </dd>
      <dt>{texts.timeLeft}</dt>
      <dd>
        <strong>
          <Countdown until={approval.expires_at} over={lapsed} />
        </strong>
      </dd>
    </dl>
  )
}

/** `said` reports a decision; `again` reloads the pending calls. */
export type After = { readonly said: (sentence: string) => void; readonly again: () => void }

/** A call that waits for a person, with the facts needed to decide. */
export function PendingApproval({ approval, again, said }: { approval: WireApproval } & After) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const [note, setNote] = useState('')
  const heading = useId()
  const decide = (approved: boolean): void => {
    const decision = { id: approval.id, approved, ...(note.trim() !== '' && { note: note.trim() }) }
    void run(async () => {
      const { tool, status } = await client.approvals.decide.mutate(decision)
      said(texts.toolWas(tool, status))
    }).then(again)
  }
  return (
    <article class="approval" aria-labelledby={heading}>
      <header>
        <h3 id={heading}>{approval.tool}</h3>
        <EffectBadge effect={approval.effect} />
      </header>
      <Facts approval={approval} lapsed={again} />
      <Field label={texts.note} hint={texts.noteHint}>
        <input
          value={note}
          maxLength={1_000}
          autocomplete="off"
          onInput={event => setNote(event.currentTarget.value)}
        />
      </Field>
      <div class="inline">
        <button class="primary" disabled={busy} onClick={() => decide(true)}>
          {texts.approve}
        </button>
        <button class="danger" disabled={busy} onClick={() => decide(false)}>
          {texts.deny}
        </button>
      </div>
      <RefusalNote refusal={refusal} />
    </article>
  )
}
