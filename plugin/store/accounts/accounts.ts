import { ChannelError } from '../../contract/errors/errors.ts'
import type { AccountKey, AccountName, OrgId, Phone } from '../../contract/ids.ts'
import type { WebVersion } from '../../contract/web-version.ts'
import type { Connection } from '../sql/connection.ts'

/**
 * A configured account. `phone` is the number linked now; `journalPhone` is the number whose journal entries are committed here.
 */
export type StoredAccount = AccountKey & {
  readonly displayName: string | null
  readonly phone: Phone | null
  readonly journalPhone: Phone | null
  readonly lastConnectedAt: number | null
  /** The WhatsApp Web version that WhatsApp announced the end of to this account, and when it ends. */
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

/** Listing reads all of an org's accounts at once, and every other org waits for that. */
const ACCOUNTS_MOST = 100

/** Names that differ only in case would share a file on some file systems. */
const isTwin = (one: AccountName, other: AccountName): boolean =>
  one !== other && one.toLowerCase() === other.toLowerCase()

/**
 * Stores an account's fields and leaves its link unchanged. Needs a transaction.
 * @throws ChannelError `bad_request` if the name differs from another account's only in case, `too_many_kept`.
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

/** Returns the account. @throws ChannelError `channel_not_configured`; its text says whether to name another account. */
export async function requireAccount(connection: Connection, key: AccountKey): Promise<StoredAccount> {
  const account = await findAccount(connection, key)
  if (account) return account
  const others = await listAccountsOf(connection, key.org)
  throw new ChannelError('channel_not_configured', ...(others.length > 0 ? [NAME_THE_ACCOUNT] : []))
}

export function listAccounts(connection: Connection): Promise<StoredAccount[]> {
  return connection.selectFrom('accounts').select(columns).orderBy('org').orderBy('account').execute()
}

/** The org's accounts, ordered by name. */
export function listAccountsOf(connection: Connection, org: OrgId): Promise<StoredAccount[]> {
  return connection.selectFrom('accounts').select(columns).where('org', '=', org).orderBy('account').execute()
}

const update = (connection: Connection, { org, account }: AccountKey) =>
  connection.updateTable('accounts').where('org', '=', org).where('account', '=', account)

/**
 * Records that an account connected as a number and returns true. Returns false if the number is linked to another account of this
 * host, of any org: the first account keeps it. Needs a transaction.
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

/** Records that no number is linked any more. Entries left in the account's journal are still committed. */
export async function releaseNumber(connection: Connection, key: AccountKey): Promise<void> {
  await update(connection, key).set({ phone: null }).execute()
}

/** From now on someone may link another account's number: commits no journal entries until a number is claimed. */
export async function closeJournal(connection: Connection, key: AccountKey): Promise<void> {
  await update(connection, key).set({ journal_phone: null }).execute()
}

export async function removeAccount(connection: Connection, key: AccountKey): Promise<void> {
  await connection.deleteFrom('accounts').where('org', '=', key.org).where('account', '=', key.account).execute()
}

/** Records that this number was shown as linked to a person who may pair. The record outlives the link. */
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
