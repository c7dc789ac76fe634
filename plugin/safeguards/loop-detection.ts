import { MINUTE_MS } from '../base/durations.ts'
import { type AccountKey, parseGroupId } from '../contract/ids.ts'
import type { LoopSign } from '../contract/loop.ts'
import type { Limits } from '../config/send-limits.ts'
import type { Connection } from '../store/sql/connection.ts'
import {
  countAsked,
  countSameWords,
  lastTurnIn,
  loopStateOf,
  suspectLoop,
  type LastTurn,
} from '../store/messages/loops.ts'
import type { ChatKey, PersonId } from '../store/sql/schema.ts'

/** An answer within this time after our reply's ack may come from a machine, in ms. */
const SOON_MS = 10_000
/** Messages closer together than this are pieces of one, in ms. */
const PIECE_MS = 2_000
const SAME_WORDS_MS = 10 * MINUTE_MS
const TURNS_MS = 60 * MINUTE_MS

/** How many of each sign make a loop. */
export type LoopLimits = Pick<Limits, 'loop_quick_turns' | 'loop_same_text' | 'loop_turns_per_hour'>

/**
 * A message that an agent is about to be asked about. `sentAt` is the server's stamp; `words` is null if the message is not a text.
 */
export type Sounding = AccountKey & {
  readonly chatKey: ChatKey
  readonly senderId: PersonId
  readonly sentAt: number
  readonly words: string | null
}

/** The length of the run that the message's turn belongs to, and the sign if the message is part of a loop or completes one. */
export type Found = { readonly run: number; readonly sign: LoopSign | null }

/**
 * Checks whether a message is part of a loop. The check uses the stored messages of its chat, so a restart does not reset the
 * count. If the message completes a loop, its chat is held. Must run in the transaction that takes the message.
 */
export async function soundFor(transaction: Connection, sounding: Sounding, limits: LoopLimits): Promise<Found> {
  const { sign, pardonedSeq } = await loopStateOf(transaction, sounding)
  if (sign !== null) return { run: 0, sign }
  const found = await signIn(transaction, { ...sounding, afterSeq: pardonedSeq }, limits)
  if (found.sign !== null) await suspectLoop(transaction, sounding, found.sign)
  return found
}

async function signIn(
  transaction: Connection,
  sounding: Sounding & { readonly afterSeq: number },
  limits: LoopLimits,
): Promise<Found> {
  const { sentAt, senderId, words, chatKey, afterSeq } = sounding
  const run = parseGroupId(chatKey) ? 0 : await runOf(transaction, sounding, afterSeq)
  if (run >= Math.max(1, limits.loop_quick_turns)) return { run, sign: 'quick_turns' }
  const within = (ms: number) => ({ senderId, afterSeq, after: sentAt - ms, until: sentAt })
  const asked = await countAsked(transaction, within(TURNS_MS))
  if (asked + 1 >= limits.loop_turns_per_hour) return { run, sign: 'turns_per_hour' }
  if (words === null || asked + 1 < limits.loop_same_text) return { run, sign: null }
  const same = await countSameWords(transaction, within(SAME_WORDS_MS), { chatKey, words })
  return { run, sign: same + 1 >= limits.loop_same_text ? 'same_text' : null }
}

async function runOf(transaction: Connection, sounding: Sounding, afterSeq: number): Promise<number> {
  const last = await lastTurnIn(transaction, sounding)
  return last && last.seq > afterSeq ? runAfter(last, { sentAt: sounding.sentAt, now: Date.now() }) : 0
}

/**
 * How many turns in a row follow hard on our replies, including a turn that begins now after `last`. A further piece of what a
 * person is saying counts to the same turn. A message that waited for us is no answer to what we have sent since. It is recognized
 * by the stamps of the two messages: they are further apart than the times of arrival.
 */
export function runAfter(last: LastTurn, { sentAt, now }: { readonly sentAt: number; readonly now: number }): number {
  const { run, queuedAt, transmittedAt } = last
  const sinceLast = now - queuedAt
  if (transmittedAt === null || transmittedAt > now) return sinceLast < PIECE_MS ? run : 0
  const isSoon = now - (last.ackedAt ?? transmittedAt) <= SOON_MS
  const waited = sentAt - last.sentAt > sinceLast + SOON_MS
  return isSoon && !waited ? run + 1 : 0
}
