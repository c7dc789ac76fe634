import { useEffect } from 'preact/hooks'

import type { WireMessage } from '../../contract/api/messages.ts'
import type { WireTakeover } from '../../contract/api/takeovers.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { Age } from '../parts/age.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { useQuery } from '../data/query.ts'
import { takeoverTexts as texts } from '../texts/takeover-texts.ts'

/** Outcomes that indicate that a chat may have been taken over or handed back. */
const TELLING: ReadonlySet<string> = new Set(['unmatched: human_takeover', 'ignored: own', 'ignored: resume'])

/** The reload functions of mounted lists, called after a takeover on this page. */
const showing = new Set<() => void>()

const timeOf = (at: string): string => new Date(at).toLocaleString()

function HandBack({ takeover: { account, chat }, again }: { takeover: WireTakeover; again: () => void }) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  return (
    <>
      <button
        disabled={busy}
        onClick={() => void run(() => client.takeovers.end.mutate({ chat, account })).then(again)}
        aria-describedby={`takeover-${account}-${chat}`}
      >
        {texts.handBack}
      </button>
      <RefusalNote refusal={refusal} />
    </>
  )
}

function Taken({ takeover, again }: { takeover: WireTakeover; again: () => void }) {
  const { account, chat, since, until, by } = takeover
  return (
    <li class="note wait">
      <p id={`takeover-${account}-${chat}`}>
        <strong>
          <bdi>{chat}</bdi>
        </strong>{' '}
        <span class="quiet">
          · {account} · <Age at={since} />
        </span>{' '}
        {texts.wasTakenOver} {by === 'owner' ? texts.onThePhone : texts.fromHere}
        {texts.noAgentIsAsked}{' '}
        {until === null ? (
          texts.untilHandedBack
        ) : (
          <>
            {texts.before} <time dateTime={until}>{timeOf(until)}</time>.
          </>
        )}
      </p>
      <HandBack takeover={takeover} again={again} />
    </li>
  )
}

/** The chats that persons have taken over from agents, with buttons to hand them back; nothing if there are none. */
export function Takeovers({ messages }: { messages: readonly WireMessage[] }) {
  const { client } = useChannel()
  const told = messages.filter(({ outcome }) => TELLING.has(outcome)).length
  const { value, again } = useQuery(signal => client.takeovers.list.query(undefined, { signal }), [told])
  useEffect(() => {
    showing.add(again)
    return () => void showing.delete(again)
  }, [again])
  if (!value || value.takeovers.length === 0) return null
  return (
    <ul class="takeovers" aria-label={texts.chatsTakenOver}>
      {value.takeovers.map(takeover => (
        <Taken key={`${takeover.account} ${takeover.chat}`} takeover={takeover} again={again} />
      ))}
    </ul>
  )
}

/** Takes over the chat of a message from its agent. */
export function TakeOver({ message: { id, account, chat } }: { message: WireMessage }) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const begin = (): void => {
    void run(() => client.takeovers.begin.mutate({ chat, account })).then(() => showing.forEach(again => again()))
  }
  return (
    <>
      <p>
        <button disabled={busy} onClick={begin} aria-describedby={`who-${id}`}>
          {texts.takeThisChatOver}
        </button>
      </p>
      <RefusalNote refusal={refusal} />
    </>
  )
}
