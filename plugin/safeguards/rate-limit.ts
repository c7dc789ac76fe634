import { DAY_MS, MINUTE_MS } from '../base/durations.ts'
import type { InboundLimits } from '../config/inbound-limits.ts'
import { type AccountKey, parseGroupId } from '../contract/ids.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { ChatKey, PersonId } from '../store/sql/schema.ts'
import { countTakenBy, countTakenIn, countTakenOf, wroteUntil } from '../store/messages/rate-counts.ts'

/**
 * A person who wrote at least this long ago is not a newcomer. An agent's answer proves nothing, because agents answer within
 * seconds. So a flood from many numbers takes a day to prepare, during which it can be noticed.
 */
const KNOWN_MS = DAY_MS
/** One part in this many of an account's budget is reserved for people who are not newcomers. */
const KEPT_PART = 3

/** A message that a binding takes, if it is within the budgets. `sentAt` is the server's stamp, ms UTC. */
export type RatedMessage = AccountKey & {
  readonly senderId: PersonId
  readonly chatKey: ChatKey
  readonly sentAt: number
}

/**
 * Whether agents were asked about as many messages as a budget allows, of those written in the minute before this one. It counts by
 * the time of writing: a backlog arrives all at once and is no flood, and only WhatsApp's server sets that time. Needs a
 * transaction.
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
