import type { AccountKey, Phone } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'

/** Stores until when WhatsApp does not let this number of the account start new chats; null if it lets it. */
export async function noteTimeLock(
  connection: Connection,
  { org, account }: AccountKey,
  { phone, until }: { readonly phone: Phone; readonly until: number | null },
): Promise<void> {
  const lockedUntil = { locked_until: until ?? 0, noted_at: Date.now() }
  await connection
    .insertInto('time_locks')
    .values({ org, account, phone, ...lockedUntil })
    .onConflict(conflict => conflict.columns(['org', 'account', 'phone']).doUpdateSet(lockedUntil))
    .execute()
}

/**
 * Until when the number that is linked now may not start new chats, even if that is in the past; null if it was never restricted.
 */
export async function findTimeLock(connection: Connection, { org, account }: AccountKey): Promise<number | null> {
  const row = await connection
    .selectFrom('time_locks')
    .innerJoin('accounts', join =>
      join
        .onRef('accounts.org', '=', 'time_locks.org')
        .onRef('accounts.account', '=', 'time_locks.account')
        .onRef('accounts.phone', '=', 'time_locks.phone'),
    )
    .select('time_locks.locked_until as lockedUntil')
    .where('time_locks.org', '=', org)
    .where('time_locks.account', '=', account)
    .executeTakeFirst()
  return row?.lockedUntil ?? null
}
