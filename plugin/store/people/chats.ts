import { ChannelError } from '../../contract/errors/errors.ts'
import { parseAddress, personAt, type AccountKey } from '../../contract/ids.ts'
import { requireAccount } from '../accounts/accounts.ts'
import type { Connection } from '../sql/connection.ts'
import { namedPerson } from './contacts.ts'
import type { ChatOf } from '../sql/schema.ts'

/**
 * The chat that an address names, for any spelling of its number. Needs a transaction.
 * @throws ChannelError `channel_not_configured`, `bad_request`
 */
export async function chatNamed(
  transaction: Connection,
  { org, account }: AccountKey,
  address: string,
): Promise<ChatOf> {
  const key = { org, account }
  await requireAccount(transaction, key)
  const named = parseAddress(address)
  if (!named) throw new ChannelError('bad_request')
  if (named.kind === 'group') return { ...key, chatKey: named.group }
  return { ...key, chatKey: (await namedPerson(transaction, key, personAt(named))).id }
}
