import type { Tick } from './progress.ts'
import { partTexts as texts } from '../texts/part-texts.ts'

const SHOWN: Record<Tick['status'], { sign: string; word: string }> = {
  accepted: { sign: '◷', word: texts.waitsToBeSent },
  sent: { sign: '✓', word: 'sent' },
  delivered: { sign: '✓✓', word: 'delivered' },
  read: { sign: '✓✓', word: 'read' },
  rejected: { sign: '✗', word: 'rejected' },
  expired: { sign: '✗', word: texts.tooLateToBeSent },
  cancelled: { sign: '✗', word: texts.takenBack },
}

/** The delivery status as phones show it, and in a word. */
export function Ticks({ tick: { status, code } }: { tick: Tick }) {
  const { sign, word } = SHOWN[status]
  return (
    <span class={`ticks ${status}`}>
      <span aria-hidden="true">{sign}</span> {word}
      {code !== null && ` (${code})`}
    </span>
  )
}
