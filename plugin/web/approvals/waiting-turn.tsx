import type { WireTurn } from '../../contract/api/turns.ts'
import { useAction } from '../data/action.ts'
import { linkTo } from '../hooks/address.ts'
import { useChannel } from '../data/channel.ts'
import { Age } from '../parts/age.tsx'
import { Badge } from '../parts/badge.tsx'
import { UntrustedLine } from '../parts/untrusted.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { whyItWaits } from '../texts/turn-words.ts'
import { approvalTexts as texts } from '../texts/approval-texts.ts'

type Retry = (step: 'repeat' | 'skip') => void

function Choices({ turn: { step }, busy, retry }: { turn: WireTurn; busy: boolean; retry: Retry }) {
  if (!step) {
    return (
      <button disabled={busy} onClick={() => retry('repeat')}>
        {texts.tryAgain}
      </button>
    )
  }
  return (
    <>
      <span>
        {texts.step} {step.number}, <code>{step.tool}</code>:
      </span>
      <button class="danger" disabled={busy} onClick={() => retry('repeat')}>
        {texts.callItAgain}
      </button>
      <button disabled={busy} onClick={() => retry('skip')}>
        {texts.skipIt}
      </button>
    </>
  )
}

/** A turn that does not continue by itself, with the actions on it. */
export function WaitingTurn({ turn, again }: { turn: WireTurn; again: () => void }) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const { id } = turn
  const retry: Retry = step => void run(() => client.turns.retry.mutate({ id, step })).then(again)
  const cancel = (): void => void run(() => client.turns.cancel.mutate({ id })).then(again)
  return (
    <li class="waiting-turn">
      <header>
        <strong>{turn.agent}</strong>
        <Badge tone={turn.status === 'dead_letter' ? 'bad' : 'wait'}>
          {turn.status === 'dead_letter' ? texts.gaveUp : texts.needsAPerson}
        </Badge>
      </header>
      <p>
        {whyItWaits(turn)} {texts.itAnswers}{' '}
        <a href={linkTo('messages', turn.message_id)}>
          <code>{turn.message_id}</code>
        </a>
        , <Age at={turn.queued_at} />.
      </p>
      {turn.failure !== null && <UntrustedLine label={texts.errorOf(turn.agent)} text={turn.failure} />}
      <div class="inline">
        <Choices turn={turn} busy={busy} retry={retry} />
        <button disabled={busy} onClick={cancel}>
          {texts.cancel}
        </button>
      </div>
      <RefusalNote refusal={refusal} />
    </li>
  )
}
