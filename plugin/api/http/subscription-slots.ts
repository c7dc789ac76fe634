import { ChannelError } from '../../contract/errors/errors.ts'
import type { OrgId } from '../../contract/ids.ts'
import type { SocketLimits } from '../../contract/limits.ts'

/** The subscriptions of one socket, counted within its org's limit. */
export type SubscriptionSlots = {
  /** Takes a slot until the returned function is called. @throws ChannelError `too_many_subscriptions` */
  readonly take: () => () => void
}

/** The subscriptions of all sockets. */
export type OrgSlots = {
  readonly of: (org: OrgId) => SubscriptionSlots
  readonly heldBy: (org: OrgId) => number
}

export function createOrgSlots(limits: () => SocketLimits): OrgSlots {
  const held = new Map<OrgId, number>()
  const heldBy = (org: OrgId): number => held.get(org) ?? 0
  const change = (org: OrgId, by: number): void => {
    const count = heldBy(org) + by
    if (count === 0) held.delete(org)
    else held.set(org, count)
  }
  return {
    heldBy,
    of: org => {
      let here = 0
      return {
        take: () => {
          const { subscriptionsPerSocket, subscriptionsPerOrg } = limits()
          if (here >= subscriptionsPerSocket || heldBy(org) >= subscriptionsPerOrg)
            throw new ChannelError('too_many_subscriptions')
          here += 1
          change(org, 1)
          let isHeld = true
          return () => {
            if (!isHeld) return
            isHeld = false
            here -= 1
            change(org, -1)
          }
        },
      }
    },
  }
}
