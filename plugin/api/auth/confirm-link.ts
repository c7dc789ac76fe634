import type { Principal } from '../../contract/host.ts'
import { type AccountKey, parsePhone } from '../../contract/ids.ts'
import type { Operations } from '../../contract/operations.ts'
import { mayPair } from './roles.ts'

/** Who is about to be shown something. */
type Beholder = { readonly operations: Operations; readonly principal: Principal }

/** A caller who may pair is a witness of the number that they are shown as linked: bindings act for it from then on. */
export async function showNumber(
  { operations, principal }: Beholder,
  key: AccountKey,
  shown: string | null,
): Promise<void> {
  const phone = shown === null ? null : parsePhone(shown)
  if (phone && mayPair(principal)) await operations.accounts.confirm(key, phone)
}
