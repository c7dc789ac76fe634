import { proto, toNumber, type BinaryNode } from '@whiskeysockets/baileys'

import { canonicalKey, type Chat, type Person } from '../../contract/ids.ts'
import { groupOfJid, modeOfJid, personOfJids } from '../kinds/jid.ts'
import type { InboundMessage } from '../../contract/message.ts'
import type { AccountDatabase, Journal } from './journal.ts'
import { contextOf } from '../kinds/message-context.ts'
import { wholeNumber } from '../kinds/proto-numbers.ts'
import { unwrapped } from '../kinds/unwrap.ts'

/** After how long messages in a chat disappear, and since when; both in seconds. 0: they stay. */
export type ChatTimer = { readonly seconds: number; readonly setAt: number }

/** The disappearing timer of each chat. */
export type ChatTimers = {
  /** Null when messages stay, and when nothing is known. */
  readonly of: (chat: Chat) => ChatTimer | null
  /** Notes a reported setting. One that is older than the known setting changes nothing. Runs inside the caller's transaction. */
  readonly note: (chat: Chat, timer: ChatTimer) => void
}

export const CHAT_TIMER_SCHEMA = `
  CREATE TABLE chat_timers (chat TEXT PRIMARY KEY, seconds INTEGER NOT NULL, set_at INTEGER NOT NULL) WITHOUT ROWID;`

type Row = { readonly seconds: number; readonly set_at: number }

/** A direct chat is stored under each of the person's addresses, because either may become known first. */
export function openChatTimers(database: AccountDatabase, { complete }: Pick<Journal, 'complete'>): ChatTimers {
  const find = database.prepare<[string], Row>('SELECT seconds, set_at FROM chat_timers WHERE chat = ?')
  const put = database.prepare('INSERT OR REPLACE INTO chat_timers (chat, seconds, set_at) VALUES (?, ?, ?)')
  const newest = (chat: Chat): ChatTimer | null => {
    const rows = keysOf(chat, complete).flatMap(key => find.get(key) ?? [])
    const [row] = rows.toSorted((one, other) => other.set_at - one.set_at)
    return row ? { seconds: row.seconds, setAt: row.set_at } : null
  }
  return {
    of: chat => {
      const timer = newest(chat)
      return timer && timer.seconds > 0 ? timer : null
    },
    note: (chat, { seconds, setAt }) => {
      const known = newest(chat)
      if (known ? known.setAt > setAt : seconds === 0) return
      if (known?.seconds === seconds && known.setAt === setAt) return
      for (const key of keysOf(chat, complete)) put.run(key, seconds, setAt)
    },
  }
}

function keysOf(chat: Chat, complete: (person: Person) => Person): string[] {
  if (chat.kind === 'group') return [chat.group]
  const { lid, phone } = complete(chat.peer)
  const each = [...(lid ? [{ lid, phone: null }] : []), ...(phone ? [{ lid: null, phone }] : [])]
  return each.map(person => canonicalKey(person))
}

/**
 * The timer in a message, as the setting itself or beside the content; null when there is none. `saidAt` is the server's timestamp
 * in seconds: nobody can have set a timer after they wrote, whatever the message says.
 */
export function timerIn(message: proto.IMessage, saidAt: number): ChatTimer | null {
  const inner = unwrapped(message)?.message
  if (!inner) return null
  const { protocolMessage } = inner
  if (protocolMessage?.type === proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING) {
    return timerOf(protocolMessage.ephemeralExpiration ?? 0, protocolMessage.ephemeralSettingTimestamp, saidAt)
  }
  if (protocolMessage) return null
  const context = contextOf(inner)
  if (context?.expiration === null || context?.expiration === undefined) return null
  return timerOf(context.expiration, context.ephemeralSettingTimestamp, saidAt)
}

/**
 * After how many seconds a message disappears; null: it stays. If the message does not say so itself, the timer of its chat
 * applies, unless that was set after the message was written.
 */
export function lifetimeOf(
  said: proto.IMessage,
  { chat, sentAt }: Pick<InboundMessage, 'chat' | 'sentAt'>,
  timers: Pick<ChatTimers, 'of'>,
): number | null {
  const own = wholeNumber(contextOf(said)?.expiration)
  if (own !== null) return own > 0 ? own : null
  const timer = timers.of(chat)
  return timer && timer.setAt * 1_000 <= sentAt ? timer.seconds : null
}

type Stamp = proto.IContextInfo['ephemeralSettingTimestamp']

function timerOf(seconds: number, stamp: Stamp, saidAt: number): ChatTimer | null {
  const setAt = stamp ? toNumber(stamp) : 0
  const whole = wholeNumber(seconds)
  return whole === null || whole < 0 ? null : { seconds: whole, setAt: setAt > 0 ? Math.min(setAt, saidAt) : saidAt }
}

/** The timers in a history, each with its chat, as the phone had them that sent it. They were set at `now` at the latest. */
export function timersInHistory(
  chats: readonly HistoryChat[],
  now: number,
): { readonly chat: Chat; readonly timer: ChatTimer }[] {
  return chats.flatMap(told => {
    const chat = chatOfHistory(told)
    const timer = timerOf(told.ephemeralExpiration ?? 0, told.ephemeralSettingTimestamp, now)
    // No timer was ever set there.
    if (!chat || !timer || (timer.seconds === 0 && !wholeNumber(told.ephemeralSettingTimestamp))) return []
    return [{ chat, timer }]
  })
}

type HistoryChat = Pick<
  proto.IConversation,
  'ephemeralExpiration' | 'ephemeralSettingTimestamp' | 'pnJid' | 'lidJid'
> & { readonly id?: string | null }

function chatOfHistory({ id, pnJid, lidJid }: HistoryChat): Chat | null {
  const group = groupOfJid(id)
  if (group) return { kind: 'group', group }
  const peer = personOfJids(id, modeOfJid(id) === 'lid' ? pnJid : lidJid)
  return peer && { kind: 'direct', peer }
}

/** The timer that WhatsApp reports to the members of a group; null for all other notices. */
export function timerNoticed({ attrs, content }: BinaryNode): ChatTimer | null {
  const [told] = Array.isArray(content) ? content : []
  const setAt = Number(attrs['t'])
  if (attrs['type'] !== 'w:gp2' || !told || !Number.isSafeInteger(setAt)) return null
  if (told.tag === 'not_ephemeral') return { seconds: 0, setAt }
  const seconds = Number(told.attrs['expiration'])
  return told.tag === 'ephemeral' && Number.isSafeInteger(seconds) && seconds >= 0 ? { seconds, setAt } : null
}
