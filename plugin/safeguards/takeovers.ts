import { SECOND_MS } from '../base/durations.ts'
import type { Settings } from '../config/settings.ts'
import { parseGroupId, parsePhone, type AccountKey, type Person } from '../contract/ids.ts'
import type { InboundMessage } from '../contract/message.ts'
import { foldText } from '../formatting/fold-text.ts'
import { namedPerson } from '../store/people/contacts.ts'
import type { ChatKey, ChatOf, PersonId } from '../store/sql/schema.ts'
import type { Connection } from '../store/sql/connection.ts'
import { takeBack, type TakenBack } from '../store/deletion/taken-back.ts'
import { findTakeover, keepTakeover, wasWrittenTo, type StoredTakeover } from '../store/messages/takeovers.ts'

/** The settings of takeovers. */
export type TakeoverSettings = Pick<Settings, 'humanTakeover' | 'resumeAfterMs' | 'resumeWord'>

/** A message that the owner of the linked number wrote, and its chat. `self`: the person of the linked number. */
export type OwnWords = Pick<InboundMessage, 'content' | 'edits' | 'sentAt'> &
  AccountKey & { readonly chatKey: ChatKey; readonly self: PersonId }

/** The effect of the owner's message: it takes its chat over, hands a chat back to its agent, or neither. */
export type OwnWordsDo = 'nothing' | 'take_over' | 'resume'

/** `chatKey`: the chat that is meant; null if no person is known by the named number. */
type Meant = { readonly does: OwnWordsDo; readonly chatKey: ChatKey | null }

const NOTHING: Meant = { does: 'nothing', chatKey: null }
const NOTHING_BACK: TakenBack = { running: [], turns: 0, replies: 0 }
/** WhatsApp Business sends greetings automatically, sooner than a person could read, in ms. */
const GREETING_MS = 2_000

/** Whether a person writes such content deliberately as a message: not reactions, votes, deletions or the like. */
const SAYS: Readonly<Record<InboundMessage['content']['kind'], boolean>> = {
  text: true,
  media: true,
  location: true,
  contacts: true,
  poll: true,
  event: true,
  order: true,
  product: true,
  comment: true,
  choice: true,
  album: false,
  business: false,
  call: false,
  event_response: false,
  forgotten: false,
  group_change: false,
  payment: false,
  poll_vote: false,
  reaction: false,
  revoke: false,
  sealed: false,
  undecryptable: false,
  unsupported: false,
  view_once: false,
}

/** Applies the effect of the owner's message on its chat. Must run in the transaction that stores the message. */
export async function takeOwnWords(
  transaction: Connection,
  words: OwnWords,
  settings: TakeoverSettings,
): Promise<{ readonly does: OwnWordsDo; readonly takenBack: TakenBack }> {
  const { org, account, sentAt: at } = words
  const { does, chatKey } = await meantBy(transaction, words, settings)
  const chat = chatKey && { org, account, chatKey }
  if (does === 'resume' && chat) await handBack(transaction, chat, at)
  const { resumeAfterMs } = settings
  const takenBack = does === 'take_over' && chat ? await takeOver(transaction, chat, { at, resumeAfterMs }) : null
  return { does, takenBack: takenBack ?? NOTHING_BACK }
}

async function meantBy(transaction: Connection, words: OwnWords, settings: TakeoverSettings): Promise<Meant> {
  const { content, edits, chatKey, sentAt: at } = words
  if (settings.humanTakeover === 'off' || edits !== null) return NOTHING
  const resumed = content.kind === 'text' ? resumedIn(content.text, settings.resumeWord) : null
  if (chatKey === words.self)
    return resumed?.number ? { does: 'resume', chatKey: await chatWith(transaction, words, resumed) } : NOTHING
  if (resumed?.number === null) return { does: 'resume', chatKey }
  if (settings.humanTakeover === 'direct' && parseGroupId(chatKey)) return NOTHING
  if (!SAYS[content.kind]) return NOTHING
  const isGreeting = content.kind === 'text' && (await wasWrittenTo(transaction, words, { at, withinMs: GREETING_MS }))
  return isGreeting ? NOTHING : { does: 'take_over', chatKey }
}

type Resumed = { readonly number: Person['phone'] }

/** Matches the word alone, or the word followed by a number; null for anything else. */
function resumedIn(text: string, word: string): Resumed | null {
  const [said, wanted] = [foldText(text), foldText(word)]
  if (said === wanted) return { number: null }
  if (!said.startsWith(`${wanted} `)) return null
  const number = parsePhone(said.slice(wanted.length).replaceAll(/[\s().-]/g, ''))
  return number && { number }
}

async function chatWith(transaction: Connection, { org, account }: AccountKey, { number }: Resumed) {
  return number && (await namedPerson(transaction, { org, account }, { phone: number, lid: null })).id
}

/** WhatsApp's stamps are whole seconds. */
const secondOf = (at: number): number => Math.floor(at / SECOND_MS) * SECOND_MS

const endOf = ({ until }: Pick<StoredTakeover, 'until'>): number =>
  until === null ? Number.POSITIVE_INFINITY : secondOf(until)

/** Whether a person has the chat for a message that was written at that time. This includes messages older than the owner's. */
export async function isTaken(transaction: Connection, chat: ChatOf, sentAt: number): Promise<boolean> {
  const takeover = await findTakeover(transaction, chat)
  return takeover !== undefined && sentAt < endOf(takeover)
}

/**
 * The owner has written in a chat, so it is theirs from then on, and unsent replies of its agent are cancelled. Messages older than
 * the last time a person handed the chat back change nothing. Needs a transaction.
 */
export async function takeOver(
  transaction: Connection,
  chat: ChatOf,
  { at, resumeAfterMs }: { readonly at: number; readonly resumeAfterMs: number },
): Promise<TakenBack | null> {
  const before = await findTakeover(transaction, chat)
  if (before && at <= before.resumedAt) return null
  const isOn = before !== undefined && at < endOf(before)
  const since = isOn ? Math.min(before.since, at) : at
  const by = isOn ? before.by : 'owner'
  const until = isOn && before.until === null ? null : Math.max(isOn ? (before.until ?? 0) : 0, at + resumeAfterMs)
  await keepTakeover(transaction, chat, { since, until, by, resumedAt: before?.resumedAt ?? 0 })
  return takeBack(transaction, chat, endOf({ until }))
}

/** An operator of the channel takes a chat over, until the given time or until a person hands it back. Needs a transaction. */
export async function takeOverFor(transaction: Connection, chat: ChatOf, until: number | null): Promise<TakenBack> {
  const [now, before] = [Date.now(), await findTakeover(transaction, chat)]
  const since = before && now < endOf(before) ? before.since : now
  await keepTakeover(transaction, chat, { since, until, by: 'operator', resumedAt: before?.resumedAt ?? 0 })
  return takeBack(transaction, chat, endOf({ until }))
}

/** Hands a chat back to its agent. Returns false if nobody had taken it over at that time. Needs a transaction. */
export async function handBack(transaction: Connection, chat: ChatOf, at: number): Promise<boolean> {
  const before = await findTakeover(transaction, chat)
  if (!before || at <= before.resumedAt) return false
  const isOn = at < endOf(before)
  const until = isOn ? at : before.until
  await keepTakeover(transaction, chat, { ...before, until, resumedAt: at })
  return isOn
}
