import { ChannelError } from '../../contract/errors/errors.ts'
import type { Principal } from '../../contract/host.ts'
import { type AccountKey, type AccountName, DEFAULT_ACCOUNT, parseAccountName } from '../../contract/ids.ts'

/** Parses the account that a call names; null if it names none. @throws ChannelError `bad_request` */
export function accountNamed(name: string | undefined): AccountName | null {
  if (name === undefined) return null
  const account = parseAccountName(name)
  if (!account) throw new ChannelError('bad_request')
  return account
}

/** The account that a call refers to, in the caller's org: the named one, else `default`. */
export function accountMeant({ org }: Principal, given: { readonly account?: string | undefined } = {}): AccountKey {
  return { org, account: accountNamed(given.account) ?? DEFAULT_ACCOUNT }
}
