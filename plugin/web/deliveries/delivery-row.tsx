import type { SendListItem } from '../../contract/api/sends.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { rejectionSentence } from '../../../client/texts/rejection-words.ts'
import { Ticks } from '../parts/ticks.tsx'
import { useNow } from '../hooks/now.ts'
import { Age } from '../parts/age.tsx'
import { OwnName } from '../parts/own-name.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { lengthOf, timeOf } from '../texts/words.ts'
import { deliveryTexts as texts } from '../texts/delivery-texts.ts'

const LINES: Record<SendListItem['class'], string> = {
  reply: texts.anAnswer,
  proactive: texts.toKnown,
  cold: texts.toStranger,
  group: texts.toAGroup,
}

/** What a send waits for, other than its place in the queue. */
const WAITS: Record<NonNullable<SendListItem['waits_for']>, string> = {
  link: texts.notConnected,
  lookup: texts.lookedUpFirst,
  lookup_budget: texts.lookupLimitReached,
  lookup_failed: texts.lookupUnanswered,
}

/** How many sends are queued before it. */
const placeWords = (position: number): string => {
  if (position === 0) return texts.nextInTheQueue
  return position === 1 ? texts.oneQueuedBefore : texts.queuedBeforeIt(position)
}

function Earliest({ at }: { at: string }) {
  const left = Date.parse(at) - useNow()
  return left > 1_000 ? (
    <>
      {texts.notBefore}{' '}
      <time dateTime={at} title={timeOf(at)}>
        {lengthOf(left)} {texts.fromNow}
      </time>
    </>
  ) : (
    <>{texts.mayGoOutNow}</>
  )
}

/** What the send waits for or, if it failed, why. */
function Why({
  send: { status, code, detail, position, earliest_at, waits_for, held, remark },
}: {
  send: SendListItem
}) {
  return (
    <>
      {held === 'same_text' && <p class="note wait">{texts.heldSameText}</p>}
      {position !== null && (
        <p class="quiet">
          {placeWords(position)}
          {earliest_at !== null && waits_for !== 'link' && <Earliest at={earliest_at} />}.{' '}
          {waits_for !== null && WAITS[waits_for]}
        </p>
      )}
      {status === 'rejected' && <p class="quiet">{rejectionSentence(code, detail)}</p>}
      {status === 'expired' && <p class="quiet">{texts.itCouldNotBeSent}</p>}
      {remark === 'sent_as_audio' && <p class="quiet">{texts.sentAsAnAudioFile}</p>}
    </>
  )
}

/** A send, its progress, and a button to cancel it while possible. */
export function DeliveryRow({ send, again }: { send: SendListItem; again: () => void }) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const { id, to, account, kind, status, code, accepted_at } = send
  const cancel = (): void => void run(() => client.whatsapp.sends.cancel.mutate({ id })).then(again)
  return (
    <li class="message outbound" aria-labelledby={`send-${id}`}>
      <header>
        <span class="who" id={`send-${id}`}>
          {texts.to}{' '}
          <strong>
            <bdi>{to}</bdi>
          </strong>
          <OwnName name={send.to_name} of={send.class === 'group' ? 'group' : 'person'} />
          <span class="quiet">
            {' '}
            · {kind}, {LINES[send.class]} · {account}
          </span>
        </span>
        <span class="inline">
          <Ticks tick={{ status, code }} />
          <span class="quiet">
            <Age at={accepted_at} />
          </span>
        </span>
      </header>
      <Why send={send} />
      {status === 'accepted' && (
        <button disabled={busy} onClick={cancel} aria-describedby={`send-${id}`}>
          {texts.takeItBack}
        </button>
      )}
      <RefusalNote refusal={refusal} />
    </li>
  )
}
