import type { InboundLimits } from '../config/inbound-limits.ts'
import { isOverRateLimit, type RatedMessage } from './rate-limit.ts'
import type { UnmatchedReason } from '../contract/binding.ts'
import type { OrgId } from '../contract/ids.ts'
import { soundFor, type LoopLimits } from './loop-detection.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { StoredMessage } from '../store/messages/messages.ts'

/** What limits the messages that agents are asked about. */
export type Restraints = {
  /** How many messages agents are asked about. */
  readonly budgets: (org: OrgId) => InboundLimits
  /** The limits that distinguish a loop from people; null if loops are not detected. */
  readonly loops: (org: OrgId) => LoopLimits | null
}

/** Why an agent is not asked, null if it is; and how many turns in a row, including this one, followed hard on our replies. */
export type Restraint = {
  readonly why: Extract<UnmatchedReason, 'rate_limited' | 'loop_suspected'> | null
  readonly run: number
}

/** No restraint, for example because a person asks for an answer. */
export const FREELY: Restraint = { why: null, run: 0 }

/** Whether an agent is asked about a message that a binding takes. Must run in the transaction that takes the message. */
export async function restraintOn(
  transaction: Connection,
  { content, ...taking }: RatedMessage & Pick<StoredMessage, 'content'>,
  { budgets, loops }: Restraints,
): Promise<Restraint> {
  if (await isOverRateLimit(transaction, taking, budgets(taking.org))) return { why: 'rate_limited', run: 0 }
  const limits = loops(taking.org)
  if (!limits) return FREELY
  const words = content.kind === 'text' ? content.text : null
  const { run, sign } = await soundFor(transaction, { ...taking, words }, limits)
  return { run, why: sign === null ? null : 'loop_suspected' }
}
