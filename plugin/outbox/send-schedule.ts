import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../base/durations.ts'
import type { SendClass } from '../contract/delivery.ts'
import type { Limits } from '../config/send-limits.ts'

/** The longest time that any rule looks back. */
export const LOOK_BACK_MS = DAY_MS + HOUR_MS

const FIRST_REPLY_MS = 1_000
const FIRST_REPLY_SPREAD_MS = 2_000
const TYPING_MS_PER_CHARACTER = 30
const FIRST_REPLY_CEILING_MS = 8_000
const GAP_SPREAD = 2
const STOPPING_REFUSALS = 3
const REPLY_PATIENCE_MS = MINUTE_MS

/** A send that was transmitted: its chat, class and time. */
export type PastSend = { readonly chatKey: string; readonly class: SendClass; readonly at: number }

/** A waiting send, with the random delays drawn when it was accepted. */
export type WaitingSend = {
  readonly chatKey: string
  readonly class: SendClass
  readonly seq: number
  readonly notBefore: number
  readonly gapMs: number
  /** The time of its first transmission. It was counted then, and is not counted again when it is transmitted again. */
  readonly transmittedAt: number | null
}

/** What limits an account at an instant. */
export type Standing = {
  readonly limits: Limits
  readonly now: number
  /** When its number was connected for the first time. */
  readonly linkedAt: number
  /** When WhatsApp refused messages as unwanted (463) within the look-back, oldest first. */
  readonly unwanted: readonly number[]
  readonly bannedUntil: number | null
  /** Until when WhatsApp does not let the account start new chats. */
  readonly lockedUntil: number | null
}

/** Allows at most `count` of the sends it covers within any `windowMs`. */
type Cap = { readonly count: number; readonly windowMs: number; readonly covers: (past: PastSend) => boolean }

/** Draws the random delays of a send, once, when it is accepted. A restart does not draw them again. */
export function drawPace(
  send: { readonly class: SendClass; readonly firstReply: boolean; readonly characters: number },
  limits: Limits,
  random: () => number,
): { delayMs: number; gapMs: number } {
  const typingMs = FIRST_REPLY_MS + FIRST_REPLY_SPREAD_MS * random() + TYPING_MS_PER_CHARACTER * send.characters
  const delayMs = send.firstReply ? Math.round(Math.min(FIRST_REPLY_CEILING_MS, typingMs)) : 0
  const gapMs = Math.round(limits.proactive_account_gap_seconds * SECOND_MS * (1 + GAP_SPREAD * random()))
  return { delayMs, gapMs: initiates(send) ? gapMs : 0 }
}

/** Whether the send writes to a person first, instead of answering or writing in a group. */
const initiates = ({ class: kind }: { class: SendClass }): boolean => kind === 'proactive' || kind === 'cold'

const anything = (): boolean => true

function newLinkCaps({ limits, now, linkedAt }: Standing): Cap[] {
  const days = (now - linkedAt) / DAY_MS
  const within = (count: number): Cap[] => [{ count, windowMs: DAY_MS, covers: anything }]
  if (days < 2) return within(limits.days_1_to_2_per_day)
  if (days < 5) return within(limits.days_3_to_5_per_day)
  return days < 10 ? within(limits.days_6_to_10_per_day) : []
}

function answeringCaps(send: WaitingSend, limits: Limits): Cap[] {
  const answers = (past: PastSend): boolean => !initiates(past)
  const here = (past: PastSend): boolean => past.chatKey === send.chatKey && past.class === send.class
  const account: Cap[] = [
    { count: limits.replies_per_minute, windowMs: MINUTE_MS, covers: answers },
    { count: limits.replies_per_hour, windowMs: HOUR_MS, covers: answers },
  ]
  if (send.class === 'group') {
    return [
      { count: 1, windowMs: limits.group_gap_seconds * SECOND_MS, covers: here },
      { count: limits.group_per_hour, windowMs: HOUR_MS, covers: here },
      ...account,
    ]
  }
  return [
    { count: 1, windowMs: limits.reply_gap_seconds * SECOND_MS, covers: here },
    { count: limits.replies_per_chat_minute, windowMs: MINUTE_MS, covers: here },
    ...account,
  ]
}

function initiatingCaps(send: WaitingSend, { limits, now, linkedAt }: Standing): Cap[] {
  const gapMs = Math.max(send.gapMs, limits.proactive_account_gap_seconds * SECOND_MS)
  const here = (past: PastSend): boolean => past.chatKey === send.chatKey && initiates(past)
  const cold = (past: PastSend): boolean => past.class === 'cold'
  const old = now - linkedAt >= 10 * DAY_MS
  const perDay = old ? limits.cold_per_day : Math.min(limits.cold_per_day, limits.cold_per_day_at_first)
  return [
    { count: 1, windowMs: limits.proactive_gap_seconds * SECOND_MS, covers: here },
    { count: 1, windowMs: gapMs, covers: initiates },
    { count: limits.proactive_per_hour, windowMs: HOUR_MS, covers: initiates },
    { count: limits.proactive_per_day, windowMs: DAY_MS, covers: initiates },
    ...(send.class === 'cold' ? [{ count: perDay, windowMs: DAY_MS, covers: cold }] : []),
  ]
}

/** When a cap allows the next send; `past` is in order. A cap with a count of 0 never does. */
function roomAt({ count, windowMs, covers }: Cap, past: readonly PastSend[]): number {
  if (count < 1) return Number.POSITIVE_INFINITY
  const covered = past.filter(covers)
  const leaving = covered[covered.length - count]
  return leaving ? leaving.at + windowMs : 0
}

/** Until when nobody may be written to first, after three refusals as unwanted within an hour; 0 if there is no such stop. */
export function unwantedStop(unwanted: readonly number[]): number {
  const stopping = unwanted.filter((at, index) => {
    const first = unwanted[index - STOPPING_REFUSALS + 1]
    return first !== undefined && at - first <= HOUR_MS
  })
  return Math.max(0, ...stopping.map(at => at + DAY_MS))
}

/** Until when WhatsApp itself would refuse the send. */
const barredUntil = (send: WaitingSend, { bannedUntil, lockedUntil }: Standing): number =>
  Math.max(bannedUntil ?? 0, send.class === 'cold' ? (lockedUntil ?? 0) : 0)

function stopUntil(send: WaitingSend, standing: Standing): number {
  const { unwanted } = standing
  const coldStop = send.class === 'cold' ? Math.max(0, ...unwanted.map(at => at + DAY_MS)) : 0
  return Math.max(barredUntil(send, standing), coldStop, initiates(send) ? unwantedStop(unwanted) : 0)
}

/** The earliest instant at which a send may be transmitted, given the past sends; infinite if it never may. */
export function earliestAt(send: WaitingSend, past: readonly PastSend[], standing: Standing): number {
  if (send.transmittedAt !== null) return barredUntil(send, standing)
  const caps = initiates(send) ? initiatingCaps(send, standing) : answeringCaps(send, standing.limits)
  const rooms = [...caps, ...newLinkCaps(standing)].map(cap => roomAt(cap, past))
  return Math.max(send.notBefore, stopUntil(send, standing), ...rooms)
}

/** Whether `other` was accepted earlier for the same chat. */
const isBefore = (other: WaitingSend, send: WaitingSend): boolean =>
  other.chatKey === send.chatKey && other.seq < send.seq

/** Until when a send waits for earlier sends of its chat: a reply waits a short time, everything else without limit. */
const patienceOf = (send: WaitingSend): number =>
  send.class === 'reply' ? send.notBefore + REPLY_PATIENCE_MS : Number.POSITIVE_INFINITY

/** What to do with the waiting sends at an instant. */
export type Plan<Send> = {
  readonly now: readonly Send[]
  /** When to plan again; infinite if only after a change. */
  readonly nextAt: number
}

/** Plans without pacing: the first send of each chat is due at once. */
export function planUnpaced<Send extends WaitingSend>(waiting: readonly Send[]): Plan<Send> {
  return {
    now: waiting.filter(send => !waiting.some(other => isBefore(other, send))),
    nextAt: Number.POSITIVE_INFINITY,
  }
}

/** Plans which waiting sends are due now: at most one of each chat, in order. Answers come first, then the oldest. */
export function planPaced<Send extends WaitingSend>(
  waiting: readonly Send[],
  past: readonly PastSend[],
  standing: Standing,
): Plan<Send> {
  const sofar = [...past]
  const now: Send[] = []
  const instants: number[] = []
  const chats = new Set<string>()
  const inTurn = waiting.toSorted((a, b) => Number(initiates(a)) - Number(initiates(b)) || a.seq - b.seq)
  for (const send of inTurn) {
    const waits = standing.now < patienceOf(send) && waiting.some(other => isBefore(other, send))
    const at = waits ? patienceOf(send) : earliestAt(send, sofar, standing)
    if (at > standing.now) instants.push(at)
    else if (!chats.has(send.chatKey)) {
      now.push(send)
      chats.add(send.chatKey)
      if (send.transmittedAt === null) sofar.push({ ...send, at: standing.now })
    }
  }
  return { now, nextAt: Math.min(Number.POSITIVE_INFINITY, ...instants) }
}
