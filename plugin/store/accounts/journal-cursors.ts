import type { AccountKey, Phone } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'

/** The number of the last journal entry committed here; 0 before the first. */
export async function cursorOf(connection: Connection, key: AccountKey): Promise<number> {
  const row = await connection
    .selectFrom('cursors')
    .select('through')
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .executeTakeFirst()
  return row?.through ?? 0
}

/** How far an account's journal is committed here, and the number whose messages it may hold; null: none is linked. */
export type JournalState = { readonly number: Phone | null; readonly through: number }

export async function journalStateOf(connection: Connection, { org, account }: AccountKey): Promise<JournalState> {
  const row = await connection
    .selectFrom('accounts')
    .leftJoin('cursors', join =>
      join.onRef('cursors.org', '=', 'accounts.org').onRef('cursors.account', '=', 'accounts.account'),
    )
    .select(['accounts.journal_phone as number', 'cursors.through'])
    .where('accounts.org', '=', org)
    .where('accounts.account', '=', account)
    .executeTakeFirst()
  return { number: row?.number ?? null, through: row?.through ?? 0 }
}

/**
 * Records that all entries up to `through` are committed here. `receivedAt`: when the last new message arrived; null if there is
 * none.
 */
export async function moveCursor(
  connection: Connection,
  { org, account }: AccountKey,
  { through, receivedAt }: { through: number; receivedAt: number | null },
): Promise<void> {
  const moved = receivedAt === null ? { through } : { through, received_at: receivedAt }
  await connection
    .insertInto('cursors')
    .values({ org, account, through, received_at: receivedAt })
    .onConflict(conflict => conflict.columns(['org', 'account']).doUpdateSet(moved))
    .execute()
}

/** Resets the cursor for a journal that starts at 1 again because the account's file was destroyed. */
export async function resetCursor(connection: Connection, key: AccountKey): Promise<void> {
  await connection.deleteFrom('cursors').where('org', '=', key.org).where('account', '=', key.account).execute()
}
