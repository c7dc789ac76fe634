import type { Account } from '../world/accounts.ts'
import { Refusal } from './refusal.ts'
import type { World } from '../world/world.ts'

export function phoneNamed(world: World, name: string): Account {
  const account = world.accounts.named(name)
  if (!account) throw new Refusal(404, `no phone is called ${name}`)
  return account
}
