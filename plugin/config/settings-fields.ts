import { z } from 'zod'

import type { InboundLimits } from './inbound-limits.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { type Address, addressOfPerson, parseAddress, personAt } from '../contract/ids.ts'
import type { Role } from '../contract/role.ts'
import { SOCKET_LIMITS, type SocketLimits } from '../contract/limits.ts'
import { growthShape } from './growth-limits.ts'
import { LARGEST_LIMIT, LIMIT_NAMES, type LimitName, type Limits, limitsOf, raisedLimit } from './send-limits.ts'

export const seconds = z.int().min(1).max(3_600)

const limit = z.int().min(0).max(LARGEST_LIMIT).optional()
export const limitShape = Object.fromEntries(LIMIT_NAMES.map(name => [name, limit])) as Record<LimitName, typeof limit>

const held = z.int().min(1).max(100_000)
/** The schema of the limits on callers. */
export const limitsSchema = z.strictObject({
  unowned_sockets: held.default(SOCKET_LIMITS.unowned),
  sockets_per_token: held.default(SOCKET_LIMITS.perToken),
  subscriptions_per_socket: held.default(SOCKET_LIMITS.subscriptionsPerSocket),
  subscriptions_per_org: held.default(SOCKET_LIMITS.subscriptionsPerOrg),
  reload_seconds: z.int().min(0).max(3_600).default(10),
  ...growthShape,
})

const budget = z.union([z.int().min(1).max(LARGEST_LIMIT), z.literal('off')]).optional()
export const budgetsSchema = z.strictObject({
  per_sender_minute: budget,
  per_chat_minute: budget,
  per_account_minute: budget,
})

export const rolesSchema = z.record(z.string(), z.enum(['viewer', 'member', 'admin', 'owner']))
export const approversSchema = z.array(z.string()).max(20)
export const approvalSeconds = z.int().min(10).max(86_400)

/** The roles by address. @throws ChannelError `bad_settings` */
export function rolesOf(written: Readonly<Record<string, Role>>): Map<Address, Role> {
  return new Map(
    Object.entries(written).map(([text, role]) => {
      const address = parseAddress(text)
      if (address && address.kind !== 'group') return [addressOfPerson(personAt(address)), role]
      throw new ChannelError('bad_settings', 'Settings: a key of "roles" is neither +<phone number> nor lid:<digits>.')
    }),
  )
}

export const socketLimitsOf = (written: z.infer<typeof limitsSchema>): SocketLimits => ({
  unowned: written.unowned_sockets,
  perToken: written.sockets_per_token,
  subscriptionsPerSocket: written.subscriptions_per_socket,
  subscriptionsPerOrg: written.subscriptions_per_org,
})

/** The people to ask for approvals, in their order. @throws ChannelError `bad_settings` */
export function approversOf(written: readonly string[]): Set<Address> {
  return new Set(
    written.map(text => {
      const address = parseAddress(text)
      if (address && address.kind !== 'group') return addressOfPerson(personAt(address))
      const sentence = 'Settings: an entry of "approvers" is neither +<phone number> nor lid:<digits>.'
      throw new ChannelError('bad_settings', sentence)
    }),
  )
}

/** The pacing limits. @throws ChannelError `bad_settings` if one is laxer than its default and the settings do not allow that. */
export function pacingLimitsOf({
  raise,
  ...written
}: Partial<Record<LimitName, number | undefined>> & { raise: boolean }): Limits {
  const limits = limitsOf(written)
  const firm = raisedLimit(limits, true)
  if (firm) {
    throw new ChannelError('bad_settings', `Settings: "pacing.${firm}" can only be made stricter than the default.`)
  }
  const raised = raise ? null : raisedLimit(limits)
  if (!raised) return limits
  const sentence = `Settings: "pacing.${raised}" is laxer than the default, which risks a ban. Set "pacing.raise" to true if you mean it.`
  throw new ChannelError('bad_settings', sentence)
}

/** The budgets in force: the written value, `off` for no limit, or else the value of `otherwise`. */
export function budgetsOf(written: z.infer<typeof budgetsSchema>, otherwise: InboundLimits): InboundLimits {
  const inForce = (budget: number | 'off' | undefined, usual: number | null): number | null =>
    budget === 'off' ? null : (budget ?? usual)
  return {
    perSender: inForce(written.per_sender_minute, otherwise.perSender),
    perChat: inForce(written.per_chat_minute, otherwise.perChat),
    perAccount: inForce(written.per_account_minute, otherwise.perAccount),
  }
}
