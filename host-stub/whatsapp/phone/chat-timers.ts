import type { proto } from '@whiskeysockets/baileys'
import type { Account } from '../world/accounts.ts'
import type { ChatTimer } from '../world/groups.ts'
import { withContext } from '../wire/message-context.ts'
import type { Chat } from '../world/messages.ts'

const pairs = new WeakMap<Account, Map<Account, ChatTimer>>()

/** Sets the timer of a direct chat for both people. */
export function setPair(one: Account, other: Account, timer: ChatTimer): void {
  keep(one, other, timer)
  keep(other, one, timer)
}

function keep(one: Account, other: Account, timer: ChatTimer): void {
  const known = pairs.get(one) ?? new Map<Account, ChatTimer>()
  pairs.set(one, known.set(other, timer))
}

/** The timer of a chat, as the phones in it know it. */
export function timerOf(author: Account, chat: Chat): ChatTimer | undefined {
  return 'group' in chat ? chat.group.timer : pairs.get(author)?.get(chat.peer)
}

/** Adds the timer of the chat to a message, if it has one. */
export function withTimer(content: proto.IMessage, author: Account, chat: Chat): proto.IMessage {
  const timer = timerOf(author, chat)
  if (!timer || timer.seconds === 0) return content
  return withContext(content, { expiration: timer.seconds, ephemeralSettingTimestamp: timer.setAt })
}
