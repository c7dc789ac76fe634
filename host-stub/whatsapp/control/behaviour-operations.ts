import type { ParsedOf } from '../contract/control-contract.ts'
import { announceExpiration } from '../protocol/client-expiration.ts'
import type { World } from '../world/world.ts'

/** Sets behaviours, and notifies connected devices where the server would. */
export function setBehaviours(world: World, change: ParsedOf<'behaviours/set'>): Record<string, never> {
  Object.assign(world.behaviours, change)
  if ('client_expiration' in change) {
    const companions = world.accounts.all().flatMap(account => [...account.companions.values()])
    for (const companion of companions) announceExpiration(world, companion)
  }
  return {}
}
