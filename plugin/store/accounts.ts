import type { AccountKey, AccountName, OrgId, Phone } from '../contract/ids.ts'
import type { Connection } from './database.ts'

/** A configured account. `phone` is the number that is linked now. */
export type StoredAccount = AccountKey & {
  readonly displayName: string | null
  readonly phone: Phone | null
  readonly lastConnectedAt: number | null
}

const columns = [
  'org',
  'account',
  'display_name as displayName',
  'phone',
  'last_connected_at as lastConnectedAt',
] as const

/** Stores an account's fields; its link stays as it is. */
export async function configureAccount(
  connection: Connection,
  key: AccountKey,
  fields: { displayName: string | null },
): Promise<void> {
  const { org, account } = key
  const row = { org, account, display_name: fields.displayName, configured_at: Date.now() }
  await connection
    .insertInto('accounts')
    .values(row)
    .onConflict(conflict => conflict.columns(['org', 'account']).doUpdateSet({ display_name: fields.displayName }))
    .execute()
}

export function findAccount(connection: Connection, key: AccountKey): Promise<StoredAccount | undefined> {
  return connection
    .selectFrom('accounts')
    .select(columns)
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .executeTakeFirst()
}

export function listAccounts(connection: Connection): Promise<StoredAccount[]> {
  return connection.selectFrom('accounts').select(columns).orderBy('org').orderBy('account').execute()
}

/** Notes which number is linked now, null for none; a number is linked because it connected. */
export async function noteLink(connection: Connection, key: AccountKey, phone: Phone | null): Promise<void> {
  await connection
    .updateTable('accounts')
    .set(phone === null ? { phone } : { phone, last_connected_at: Date.now() })
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .execute()
}

export async function removeAccount(connection: Connection, key: AccountKey): Promise<void> {
  await connection.deleteFrom('accounts').where('org', '=', key.org).where('account', '=', key.account).execute()
}

/** Remembers that somebody who may pair has been shown this number as linked. It outlives the link. */
export async function confirmNumber(connection: Connection, key: AccountKey, phone: Phone): Promise<void> {
  await connection
    .insertInto('confirmations')
    .values({ org: key.org, account: key.account, phone, confirmed_at: Date.now() })
    .onConflict(conflict => conflict.columns(['org', 'account', 'phone']).doNothing())
    .execute()
}

export async function isConfirmed(
  connection: Connection,
  key: { readonly org: OrgId; readonly account: AccountName },
  phone: Phone,
): Promise<boolean> {
  const row = await connection
    .selectFrom('confirmations')
    .select('phone')
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('phone', '=', phone)
    .executeTakeFirst()
  return row !== undefined
}
