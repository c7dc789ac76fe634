import { useRef, useState } from 'preact/hooks'

import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import { ChatList } from './chat-list.tsx'
import { ChatPage } from './chat-page.tsx'
import { chatsOf } from './chats.ts'
import { call } from './control.ts'
import { useDeed } from './deed.ts'
import { LinkedDevices } from './linked-devices.tsx'
import { Refusal } from './refusal.tsx'
import { type KnownTown, type Town, useScreen } from './town.ts'

const TABS = [
  { name: 'chats', title: 'Chats' },
  { name: 'devices', title: 'Linked devices' },
] as const
type Tab = (typeof TABS)[number]['name']

function Head({ me, look }: { me: PhoneCard } & Pick<Town, 'look'>) {
  const { busy, refusal, run } = useDeed()
  const turn = (): void => {
    void run(async () => {
      await call('phones/online', { name: me.name, online: !me.online })
      await look()
    })
  }
  return (
    <header>
      <div>
        <h2>{me.push_name}</h2>
        <small>
          {me.phone} · {me.online ? 'online' : 'offline'}
        </small>
      </div>
      <button disabled={busy} onClick={turn}>
        {me.online ? 'Go offline' : 'Go online'}
      </button>
      <Refusal>{refusal}</Refusal>
    </header>
  )
}

/** One phone: its chats and its linked devices. */
export function Phone({ me, town }: { me: PhoneCard; town: KnownTown }) {
  const [tab, setTab] = useState<Tab>('chats')
  const [open, setOpen] = useState<string | null>(null)
  const screen = useRef<HTMLDivElement>(null)
  const show = (key: string | null): void => {
    setOpen(key)
    // The clicked element is gone with its screen, so keyboard focus moves to the new one.
    screen.current?.focus()
  }
  const lines = useScreen(me.name, town.look)
  const chats = chatsOf(me, town, lines)
  const chat = chats.find(({ key }) => key === open)
  return (
    <section class="phone" aria-label={`The phone of ${me.push_name}`}>
      <Head me={me} look={town.look} />
      <div class="tabs" role="group" aria-label="What the phone shows">
        {TABS.map(({ name, title }) => (
          <button key={name} aria-pressed={name === tab} onClick={() => setTab(name)}>
            {title}
          </button>
        ))}
      </div>
      <div ref={screen} tabIndex={-1}>
        {tab === 'devices' && <LinkedDevices me={me} look={town.look} />}
        {tab === 'chats' && !chat && <ChatList me={me} chats={chats} town={town} open={show} />}
        {tab === 'chats' && chat && <ChatPage key={chat.key} me={me} chat={chat} back={() => show(null)} />}
      </div>
    </section>
  )
}
