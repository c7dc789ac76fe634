import type { WireLoop } from '../../contract/api/loops.ts'
import type { WireMessage } from '../../contract/api/messages.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { Age } from '../parts/age.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { useQuery } from '../data/query.ts'
import { takeoverTexts as texts } from '../texts/takeover-texts.ts'

const SIGNS: Record<WireLoop['sign'], string> = {
  quick_turns: texts.tooFast,
  same_text: texts.sameText,
  turns_per_hour: texts.tooMany,
}

function LetGoOn({ loop: { account, chat }, again }: { loop: WireLoop; again: () => void }) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  return (
    <>
      <button
        disabled={busy}
        onClick={() => void run(() => client.loops.end.mutate({ chat, account })).then(again)}
        aria-describedby={`loop-${account}-${chat}`}
      >
        {texts.answerItAgain}
      </button>
      <RefusalNote refusal={refusal} />
    </>
  )
}

/** The chats suspected of a loop, with buttons to end the suspicion; nothing if there are none. */
export function Loops({ messages }: { messages: readonly WireMessage[] }) {
  const { client } = useChannel()
  const held = messages.filter(({ outcome }) => outcome === 'unmatched: loop_suspected').length
  const { value, again } = useQuery(signal => client.loops.list.query(undefined, { signal }), [held])
  if (!value || value.loops.length === 0) return null
  return (
    <ul class="loops" aria-label={texts.chatsThatLookLikeLoops}>
      {value.loops.map(loop => (
        <li class="note wait" key={`${loop.account} ${loop.chat}`}>
          <p id={`loop-${loop.account}-${loop.chat}`}>
            <strong>
              <bdi>{loop.chat}</bdi>
            </strong>{' '}
            <span class="quiet">
              · {loop.account} · <Age at={loop.since} />
            </span>{' '}
            {texts.looksLikeAMachine} {SIGNS[loop.sign]}
            {texts.nobodyIsAnswered}
          </p>
          <LetGoOn loop={loop} again={again} />
        </li>
      ))}
    </ul>
  )
}
