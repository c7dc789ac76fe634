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

const LINES: Record<SendListItem['class'], string> = {
  reply: 'an answer',
  proactive: 'to somebody who has written before',
  cold: 'to somebody who has never written',
  group: 'to a group',
}

/** What a send waits for, other than its place in the queue. */
const WAITS: Record<NonNullable<SendListItem['waits_for']>, string> = {
  link: 'The account is not connected to WhatsApp: it will be sent once it is.',
  lookup: 'The number is looked up on WhatsApp before it is sent.',
  lookup_budget: 'The account has reached its limit of number lookups; it looks the number up then.',
  lookup_failed: 'WhatsApp did not answer the lookup of the number; it is looked up again then.',
}

/** How many sends are queued before it. */
const placeWords = (position: number): string => {
  if (position === 0) return 'Next in the queue'
  return position === 1 ? 'One queued before it' : `${position} queued before it`
}

function Earliest({ at }: { at: string }) {
  const left = Date.parse(at) - useNow()
  return left > 1_000 ? (
    <>
      , not before{' '}
      <time dateTime={at} title={timeOf(at)}>
        {lengthOf(left)} from now
      </time>
    </>
  ) : (
    <>, may go out now</>
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
      {held === 'same_text' && (
        <p class="note wait">
          Held: the same text has gone to as many chats within the hour as the settings allow, since more of them get
          numbers banned. It is not sent by itself any more; take it back, and write it differently.
        </p>
      )}
      {position !== null && (
        <p class="quiet">
          {placeWords(position)}
          {earliest_at !== null && waits_for !== 'link' && <Earliest at={earliest_at} />}.{' '}
          {waits_for !== null && WAITS[waits_for]}
        </p>
      )}
      {status === 'rejected' && <p class="quiet">{rejectionSentence(code, detail)}</p>}
      {status === 'expired' && <p class="quiet">It could not be sent in time, and is not retried.</p>}
      {remark === 'sent_as_audio' && (
        <p class="quiet">Sent as an audio file: this host cannot convert it to a voice note.</p>
      )}
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
          To{' '}
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
          Take it back
        </button>
      )}
      <RefusalNote refusal={refusal} />
    </li>
  )
}
