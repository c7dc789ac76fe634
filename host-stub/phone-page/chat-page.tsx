import { useEffect, useRef, useState } from 'preact/hooks'

import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import type { ScreenLine } from '../whatsapp/world/ledger.ts'
import { BubbleView } from './bubble-view.tsx'
import type { Chat } from './chats.ts'
import { Composer } from './composer.tsx'
import { call } from './control.ts'
import { useDeed } from './deed.ts'
import { Disappearing } from './disappearing.tsx'
import { Refusal } from './refusal.tsx'

/** Sends one read receipt to the linked device for each message in an open chat. */
function useReading(me: PhoneCard, chat: Chat): void {
  const read = useRef(new Set<string>())
  useEffect(() => {
    if (!me.online) return
    for (const { line } of chat.bubbles) {
      const isFromDevice = !line.own && line.from.device !== 0
      if (!isFromDevice || read.current.has(line.id)) continue
      read.current.add(line.id)
      // A failed receipt is sent again at the next change of the chat.
      call('phones/read', { name: me.name, message: line.id }).catch(() => read.current.delete(line.id))
    }
  }, [me.name, me.online, chat.bubbles.length])
}

/** The author's name above a message: only in groups, and not for own messages. */
function authorIn({ to, others }: Chat, { own, from }: ScreenLine): string | null {
  if (own || !('group' in to)) return null
  return others.find(({ name }) => name === from.name)?.push_name ?? from.name
}

type Opened = { me: PhoneCard; chat: Chat; back: () => void }

function Head({ me, chat, back }: Opened) {
  return (
    <>
      <div class="inline">
        <button onClick={back}>‹ All chats</button>
        <h3>{chat.title}</h3>
      </div>
      <Disappearing me={me} chat={chat} />
      {'group' in chat.to && <small>You, {chat.others.map(({ push_name: title }) => title).join(', ')}</small>}
    </>
  )
}

/** One chat: its messages, and the form to write. */
export function ChatPage({ me, chat, back }: Opened) {
  const [quoted, setQuoted] = useState<ScreenLine | null>(null)
  const { refusal, run } = useDeed()
  const log = useRef<HTMLDivElement>(null)
  const { bubbles } = chat
  const newest = bubbles.findLast(({ line }) => !line.own)
  useReading(me, chat)
  const toEnd = (): void => log.current?.scrollTo({ top: log.current.scrollHeight })
  useEffect(toEnd, [bubbles.length])
  const react = (line: ScreenLine, emoji: string): void => {
    void run(() => call('phones/react', { name: me.name, to_message: line.id, emoji }))
  }
  return (
    <div class="screen chat">
      <Head me={me} chat={chat} back={back} />
      <div
        class="log"
        role="log"
        aria-label={`Messages with ${chat.title}`}
        tabIndex={0}
        ref={log}
        onLoadCapture={toEnd}
      >
        {bubbles.length === 0 && <p class="note">Nothing was written here yet. Write the first message below.</p>}
        {bubbles.map(bubble => (
          <BubbleView
            key={bubble.line.id}
            me={me}
            bubble={bubble}
            author={authorIn(chat, bubble.line)}
            isNewest={bubble === newest}
            react={react}
            quote={setQuoted}
          />
        ))}
      </div>
      <Refusal>{refusal}</Refusal>
      <Composer me={me} chat={chat} quoted={quoted} unquote={() => setQuoted(null)} />
    </div>
  )
}
