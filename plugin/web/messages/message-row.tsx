import { useEffect, useRef } from 'preact/hooks'

import type { WireMessage } from '../../contract/api/messages.ts'
import { linkTo } from '../hooks/address.ts'
import { Age } from '../parts/age.tsx'
import { Badge } from '../parts/badge.tsx'
import { InGroup } from '../parts/in-group.tsx'
import { OwnName } from '../parts/own-name.tsx'
import { MessageTrace } from './message-trace.tsx'
import { FileWish } from './file-wish.tsx'
import { NoAnswer } from './no-answer.tsx'
import { isUnmatched, outcomeWords, reasonSentence } from '../texts/outcome-words.ts'
import { type Progress, tickOf, turnOf } from '../parts/progress.ts'
import { albumWords, type Row } from './rows.ts'
import { MessageContent } from './message-content.tsx'
import { TakeOver } from '../takeovers/takeovers.tsx'
import { Ticks } from '../parts/ticks.tsx'
import { Trace } from '../explain/trace.tsx'
import { messageTexts as texts } from '../texts/message-texts.ts'

type Shown = {
  readonly message: WireMessage
  readonly progress: Progress
  readonly correct: (message: WireMessage) => void
}

function Standing({ message, progress }: Omit<Shown, 'correct'>) {
  const tick = tickOf(progress, message)
  if (tick) return <Ticks tick={tick} />
  const { tone, word } = outcomeWords(message.outcome, turnOf(progress, message))
  return <Badge tone={tone}>{word}</Badge>
}

function Who({ message }: Pick<Shown, 'message'>) {
  const { direction, from, sender_name: name, to, group, group_subject: subject, account } = message
  const peer = direction === 'inbound' ? from : to
  const isToGroup = group === peer
  return (
    <span class="who">
      <span aria-hidden="true">{direction === 'inbound' ? '←' : '→'}</span>{' '}
      {direction === 'inbound' ? texts.from : texts.to}{' '}
      <strong>
        <bdi>{peer}</bdi>
      </strong>
      {direction === 'inbound' && <OwnName name={name} />}
      {isToGroup ? <OwnName name={subject} of="group" /> : <InGroup group={group} subject={subject} />}
      <span class="quiet"> · {account}</span>
    </span>
  )
}

function Story({ message, progress, correct }: Shown) {
  const { id, outcome } = message
  const nobody = isUnmatched(message) && turnOf(progress, message) === undefined
  const reason = nobody ? null : reasonSentence(outcome)
  return (
    <div class="story" id={`story-${id}`}>
      {nobody && <NoAnswer message={message} correct={correct} />}
      {reason !== null && <p class="note wait">{reason}</p>}
      <FileWish message={message} correct={correct} />
      <MessageTrace message={message} progress={progress} />
      <Trace id={id} outcome={outcome} />
      <TakeOver message={message} />
    </div>
  )
}

/** One message, in or out, or one album; an inbound message opens to show its course. */
export function MessageRow({
  row: shown,
  progress,
  correct,
  open,
}: Omit<Shown, 'message'> & { readonly row: Row; readonly open: boolean }) {
  const message = shown.lead
  const { id, direction, received_at } = message
  const album = albumWords(shown)
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  return (
    <li ref={row} class={`message ${direction}`} aria-labelledby={`who-${id}`}>
      <header>
        <span id={`who-${id}`}>
          <Who message={message} />
        </span>
        <span class="inline">
          <Standing message={message} progress={progress} />
          <span class="quiet">
            <Age at={received_at} />
          </span>
        </span>
      </header>
      {album !== null && <p class="quiet">{album}</p>}
      {shown.parts.map(part => (
        <MessageContent key={part.id} message={part} />
      ))}
      {direction === 'inbound' && (
        <a
          class="opens"
          href={open ? linkTo('messages') : linkTo('messages', id)}
          aria-expanded={open}
          aria-describedby={`who-${id}`}
        >
          {open ? texts.close : texts.details}
        </a>
      )}
      {open && <Story message={message} progress={progress} correct={correct} />}
    </li>
  )
}
