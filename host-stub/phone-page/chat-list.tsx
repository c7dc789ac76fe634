import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import { type Chat, wordsOf } from './chats.ts'
import { NewGroup } from './new-group.tsx'
import type { KnownTown } from './town.ts'

function Preview({ chat: { bubbles } }: { chat: Chat }) {
  const last = bubbles.at(-1)?.line
  if (!last) return <small>Nothing was written yet</small>
  return (
    <small class="preview">
      {last.own && 'You: '}
      {wordsOf(last)}
    </small>
  )
}

/** All people and groups that a phone can write to. */
export function ChatList({
  me,
  chats,
  town,
  open,
}: {
  me: PhoneCard
  chats: readonly Chat[]
  town: KnownTown
  open: (key: string) => void
}) {
  const linked = town.phones.some(({ devices }) => devices.length > 0)
  return (
    <div class="screen">
      {!linked && (
        <p class="note">
          No number is linked yet. Show a code on the page of the channel, then scan it under “Linked devices” of the
          owner’s phone.
        </p>
      )}
      {chats.length === 0 && <p class="note">Nobody else has a phone. Hand one to another person above.</p>}
      <ul class="chats" aria-label="Chats">
        {chats.map(chat => (
          <li key={chat.key}>
            <button onClick={() => open(chat.key)}>
              <strong>{chat.title}</strong>
              {chat.isLinked && <span class="mark"> linked number</span>}
              <Preview chat={chat} />
            </button>
          </li>
        ))}
      </ul>
      <NewGroup me={me} town={town} open={open} />
    </div>
  )
}
