import { DAY_MS, MINUTE_MS } from '../base/durations.ts'
import type { InboundLimits } from '../config/inbound-limits.ts'
import { type AccountKey, parseGroupId } from '../contract/ids.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { ChatKey, PersonId } from '../store/sql/schema.ts'
import { countTakenBy, countTakenIn, countTakenOf, wroteUntil } from '../store/messages/rate-counts.ts'

/**
 * A person who wrote so long before is no newcomer. That an agent has answered somebody proves nothing: it answers within seconds. A
 * flood of many numbers has to be prepared by a day, in which it is seen.
 */
const KNOWN_MS = DAY_MS
/** This part of an account's budget is kept for people who are no newcomers. */
const KEPT_PART = 3

/** A message that a binding takes, unless it is one too many. `sentAt` is the server's stamp, ms UTC. */
export type RatedMessage = AccountKey & {
  readonly senderId: PersonId
  readonly chatKey: ChatKey
  readonly sentAt: number
}

/**
 * Whether agents were asked about as many messages as a budget has, of those that were written in the minute before this one.
 * It counts by when they were written: what waited while we were away comes at once and is no flood, and nobody but WhatsApp's
 * server sets that instant. Needs a transaction.
 */
export async function isOverRateLimit(
  transaction: Connection,
  taking: RatedMessage,
  budgets: InboundLimits,
): Promise<boolean> {
  const { perSender, perChat, perAccount } = budgets
  const minute = { after: taking.sentAt - MINUTE_MS, until: taking.sentAt }
  const isGroup = parseGroupId(taking.chatKey) !== null
  return (
    (perSender !== null && (await countTakenOf(transaction, taking.senderId, minute)) >= perSender) ||
    (perChat !== null && isGroup && (await countTakenIn(transaction, taking, minute)) >= perChat) ||
    (perAccount !== null && (await isOverAccount(transaction, taking, perAccount)))
  )
}

async function isOverAccount(transaction: Connection, taking: RatedMessage, budget: number): Promise<boolean> {
  const { sentAt, senderId } = taking
  const taken = await countTakenBy(transaction, taking, { after: sentAt - MINUTE_MS, until: sentAt })
  if (taken < budget - Math.floor(budget / KEPT_PART)) return false
  return taken >= budget || !(await wroteUntil(transaction, senderId, sentAt - KNOWN_MS))
}
