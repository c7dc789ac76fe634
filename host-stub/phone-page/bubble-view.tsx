import { useState } from 'preact/hooks'

import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import type { ScreenLine } from '../whatsapp/world/ledger.ts'
import { type Bubble, wordsOf } from './chats.ts'
import { MessageText } from './message-text.tsx'
import { Picture } from './picture.tsx'

const EMOJIS = ['👍', '👎', '❤️']
const TICKS = { sent: '✓', delivered: '✓✓', read: '✓✓' } as const
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const SHORT = 40

type Answers = {
  readonly react: (line: ScreenLine, emoji: string) => void
  readonly quote: (line: ScreenLine) => void
}

function AnswerButtons({ line, react, quote }: Answers & { line: ScreenLine }) {
  const short = wordsOf(line).slice(0, SHORT)
  return (
    <div class="answers">
      {EMOJIS.map(emoji => (
        <button key={emoji} aria-label={`React ${emoji} to ${short}`} onClick={() => react(line, emoji)}>
          {emoji}
        </button>
      ))}
      <button aria-label={`Quote ${short}`} onClick={() => quote(line)}>
        Quote
      </button>
    </div>
  )
}

function Foot({ line }: { line: ScreenLine }) {
  const { tick, own, from, at } = line
  return (
    <small class="foot">
      {own && from.device !== 0 && 'by the linked device · '}
      {TIME.format(new Date(at))}
      {line.expiration !== null && <span title="It disappears"> ⏱</span>}
      {tick && (
        <span class={`tick ${tick}`} role="img" aria-label={tick}>
          {' '}
          {TICKS[tick]}
        </span>
      )}
    </small>
  )
}

/** A message as the phone shows it. The newest received message shows its answer buttons; earlier ones show them on request. */
export function BubbleView({
  me,
  bubble,
  author,
  isNewest,
  ...answers
}: Answers & { me: PhoneCard; bubble: Bubble; author: string | null; isNewest: boolean }) {
  const [isOpen, setOpen] = useState(false)
  const { line, reactions, quoted } = bubble
  const words = line.file ? line.file.caption : wordsOf(line)
  return (
    <div class={line.own ? 'bubble own' : 'bubble'}>
      {author !== null && <strong>{author}</strong>}
      {line.forwarded && <em>Forwarded</em>}
      {quoted !== null && <blockquote>{quoted}</blockquote>}
      {line.file && <Picture me={me} line={line} />}
      {words !== '' && <MessageText text={words} />}
      <Foot line={line} />
      {reactions.length > 0 && <span class="reactions">{reactions.join(' ')}</span>}
      {!line.own && (isNewest || isOpen) && <AnswerButtons line={line} {...answers} />}
      {!line.own && !isNewest && (
        <button
          class="more"
          aria-expanded={isOpen}
          aria-label={`Answer ${wordsOf(line).slice(0, SHORT)}`}
          onClick={() => setOpen(!isOpen)}
        >
          ⋯
        </button>
      )}
    </div>
  )
}
