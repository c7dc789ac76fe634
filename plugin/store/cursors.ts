import type { AccountKey } from '../contract/ids.ts'
import type { Connection } from './database.ts'

/** The number of the last journal entry that was committed here, 0 before the first. */
export async function cursorOf(connection: Connection, key: AccountKey): Promise<number> {
  const row = await connection
    .selectFrom('cursors')
    .select('through')
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .executeTakeFirst()
  return row?.through ?? 0
}

export async function moveCursor(connection: Connection, key: AccountKey, through: number): Promise<void> {
  await connection
    .insertInto('cursors')
    .values({ org: key.org, account: key.account, through })
    .onConflict(conflict => conflict.columns(['org', 'account']).doUpdateSet({ through }))
    .execute()
}

/** For a journal that begins anew, because the account's file was destroyed. */
export async function resetCursor(connection: Connection, key: AccountKey): Promise<void> {
  await connection.deleteFrom('cursors').where('org', '=', key.org).where('account', '=', key.account).execute()
}
