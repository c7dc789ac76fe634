import type { AccountDatabase } from './journal.ts'

/**
 * Overwrites deleted and replaced data in an account's file as soon as the file holds a disappearing message. This costs a few
 * percent of the time per message, so it is off otherwise.
 */
export function overwriteFor(database: AccountDatabase, forgetAt: number | null): void {
  if (forgetAt !== null) database.pragma('secure_delete = ON')
}
