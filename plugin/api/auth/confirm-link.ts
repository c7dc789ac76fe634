import type { Principal } from '../../contract/host.ts'
import { type AccountKey, parsePhone } from '../../contract/ids.ts'
import type { Operations } from '../../contract/operations.ts'
import { mayPair } from './roles.ts'

/** A caller who is about to be shown a number. */
type Beholder = { readonly operations: Operations; readonly principal: Principal }

/** Confirms a linked number when it is shown to a caller who may pair. From then on bindings apply to the number. */
export async function showNumber(
  { operations, principal }: Beholder,
  key: AccountKey,
  shown: string | null,
): Promise<void> {
  const phone = shown === null ? null : parsePhone(shown)
  if (phone && mayPair(principal)) await operations.accounts.confirm(key, phone)
}
