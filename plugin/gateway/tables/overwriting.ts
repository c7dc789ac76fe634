import type { AccountDatabase } from './journal.ts'

/**
 * Once something in an account's file disappears at some time, what is deleted or replaced there is overwritten, and not only free to
 * be. It takes some percent of the time that a message takes, so nothing else is.
 */
export function overwriteFor(database: AccountDatabase, forgetAt: number | null): void {
  if (forgetAt !== null) database.pragma('secure_delete = ON')
}
