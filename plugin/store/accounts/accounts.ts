import { ChannelError } from '../../contract/errors/errors.ts'
import type { AccountKey, AccountName, OrgId, Phone } from '../../contract/ids.ts'
import type { WebVersion } from '../../contract/web-version.ts'
import type { Connection } from '../sql/connection.ts'

/** A configured account. `phone` is the number that is linked now, `journalPhone` the one whose messages are taken over. */
export type StoredAccount = AccountKey & {
  readonly displayName: string | null
  readonly phone: Phone | null
  readonly journalPhone: Phone | null
  readonly lastConnectedAt: number | null
  /** Which version WhatsApp told this account the end of, and when that is. */
  readonly expiringVersion: WebVersion | null
  readonly clientExpiresAt: number | null
}

const NAME_THE_ACCOUNT =
  'This org has no account of this name. GET /api/v1/channels lists its accounts: use one of them as "account", or POST /api/v1/channels/whatsapp/configure this one first.'

const columns = [
  'org',
  'account',
  'display_name as displayName',
  'phone',
  'journal_phone as journalPhone',
  'last_connected_at as lastConnectedAt',
  'expiring_version as expiringVersion',
  'client_expires_at as clientExpiresAt',
] as const

const TWIN =
  'Another account of this org has that name in other capital or small letters. Use that one, or another name.'

/** All of them are listed at once, while every other org waits. */
const ACCOUNTS_MOST = 100

/** Names that differ only in case would share a file on some file systems. */
const isTwin = (one: AccountName, other: AccountName): boolean =>
  one !== other && one.toLowerCase() === other.toLowerCase()

/**
 * Stores an account's fields; its link stays as it is. Needs a transaction.
 * @throws ChannelError `bad_request` for a name that only its case tells from another, `too_many_kept`.
 */
export async function configureAccount(
  connection: Connection,
  key: AccountKey,
  fields: { displayName: string | null },
): Promise<void> {
  const { org, account } = key
  const row = { org, account, display_name: fields.displayName, configured_at: Date.now() }
  const others = (await listAccountsOf(connection, org)).filter(each => each.account !== account)
  if (others.some(each => isTwin(each.account, account))) throw new ChannelError('bad_request', TWIN)
  if (others.length >= ACCOUNTS_MOST) throw new ChannelError('too_many_kept')
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

/** The account that is meant. @throws ChannelError `channel_not_configured`, which says whether to name another. */
export async function requireAccount(connection: Connection, key: AccountKey): Promise<StoredAccount> {
  const account = await findAccount(connection, key)
  if (account) return account
  const others = await listAccountsOf(connection, key.org)
  throw new ChannelError('channel_not_configured', ...(others.length > 0 ? [NAME_THE_ACCOUNT] : []))
}

export function listAccounts(connection: Connection): Promise<StoredAccount[]> {
  return connection.selectFrom('accounts').select(columns).orderBy('org').orderBy('account').execute()
}

/** The org's accounts in the order of their names. */
export function listAccountsOf(connection: Connection, org: OrgId): Promise<StoredAccount[]> {
  return connection.selectFrom('accounts').select(columns).where('org', '=', org).orderBy('account').execute()
}

const update = (connection: Connection, { org, account }: AccountKey) =>
  connection.updateTable('accounts').where('org', '=', org).where('account', '=', account)

/**
 * Notes that an account has connected as a number, unless the number is linked to another account of this host, no matter whose
 * that is: the one that was first keeps it. Whether it is this one's. Needs a transaction.
 */
export async function claimNumber(transaction: Connection, key: AccountKey, phone: Phone): Promise<boolean> {
  const holder = await transaction
    .selectFrom('accounts')
    .select(['org', 'account'])
    .where('phone', '=', phone)
    .executeTakeFirst()
  if (holder && (holder.org !== key.org || holder.account !== key.account)) return false
  await update(transaction, key).set({ phone, journal_phone: phone, last_connected_at: Date.now() }).execute()
  return true
}

/** Notes that no number is linked any more; what its journal still holds is taken over all the same. */
export async function releaseNumber(connection: Connection, key: AccountKey): Promise<void> {
  await update(connection, key).set({ phone: null }).execute()
}

/** From now on a number may be scanned that is another account's: nothing is taken over until one has been claimed. */
export async function closeJournal(connection: Connection, key: AccountKey): Promise<void> {
  await update(connection, key).set({ journal_phone: null }).execute()
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
