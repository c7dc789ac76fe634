import type { InboundLimits } from '../config/inbound-limits.ts'
import { isOverRateLimit, type RatedMessage } from './rate-limit.ts'
import type { UnmatchedReason } from '../contract/binding.ts'
import type { OrgId } from '../contract/ids.ts'
import { soundFor, type LoopLimits } from './loop-detection.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { StoredMessage } from '../store/messages/messages.ts'

/** What keeps agents from being asked about all that bindings take. */
export type Restraints = {
  /** How much of it they are asked about. */
  readonly budgets: (org: OrgId) => InboundLimits
  /** What tells a loop from people; null: nothing is taken for one. */
  readonly loops: (org: OrgId) => LoopLimits | null
}

/** Why an agent is not asked, null when it is; and how many turns in a row, with this one, followed hard on our replies. */
export type Restraint = {
  readonly why: Extract<UnmatchedReason, 'rate_limited' | 'loop_suspected'> | null
  readonly run: number
}

/** A person wants it asked. */
export const FREELY: Restraint = { why: null, run: 0 }

/** Whether an agent is asked about a message that a binding takes. Needs the transaction that takes it. */
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
