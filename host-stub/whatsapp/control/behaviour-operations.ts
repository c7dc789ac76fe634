import type { ParsedOf } from '../contract/control-contract.ts'
import { announceExpiration } from '../protocol/client-expiration.ts'
import type { World } from '../world/world.ts'

/** Sets some behaviours; devices that are connected are told of what the server would tell them. */
export function setBehaviours(world: World, change: ParsedOf<'behaviours/set'>): Record<string, never> {
  Object.assign(world.behaviours, change)
  if ('client_expiration' in change) {
    const companions = world.accounts.all().flatMap(account => [...account.companions.values()])
    for (const companion of companions) announceExpiration(world, companion)
  }
  return {}
}
