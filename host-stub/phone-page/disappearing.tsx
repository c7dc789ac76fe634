import { useState } from 'preact/hooks'

import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import { type Chat, TIMERS, timerIn, timerWords } from './chats.ts'
import { call } from './control.ts'
import { useDeed } from './deed.ts'
import { Refusal } from './refusal.tsx'

/** Sets after how long messages in a chat disappear, for everybody in it. */
export function Disappearing({ me, chat }: { me: PhoneCard; chat: Chat }) {
  const [set, note] = useState<{ seconds: number; before: number } | null>(null)
  const { busy, refusal, run } = useDeed()
  const { length: said } = chat.bubbles
  // Until the next message arrives in the chat, only the setting itself shows the timer.
  const seconds = set?.before === said ? set.seconds : timerIn(chat.bubbles)
  const choose = (chosen: number): void => {
    void run(async () => {
      await call('phones/set_timer', { name: me.name, to: chat.to, seconds: chosen })
      note({ seconds: chosen, before: said })
    })
  }
  return (
    <>
      <label class="inline">
        <span>Messages disappear</span>
        <select
          value={String(seconds)}
          disabled={busy || !me.online}
          onChange={event => choose(Number(event.currentTarget.value))}
        >
          {[...new Set([...TIMERS.keys(), seconds])].map(each => (
            <option key={each} value={String(each)}>
              {timerWords(each)}
            </option>
          ))}
        </select>
      </label>
      <Refusal>{refusal}</Refusal>
    </>
  )
}
