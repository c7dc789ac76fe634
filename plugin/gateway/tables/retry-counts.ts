import type { CacheStore } from '@whiskeysockets/baileys'

import type { StorageGuard } from '../storage-guard.ts'
import type { AccountDatabase } from './journal.ts'

/**
 * Counts how often a message was requested again, by us or by a recipient. The counts are in the account's file, so that Baileys'
 * limits hold across restarts. Baileys stores only numbers here.
 */
export function openRetryCounts(
  database: AccountDatabase,
  { guard, now }: Pick<StorageGuard, 'guard'> & { readonly now: () => number },
): CacheStore {
  const find = database.prepare<[string], number>('SELECT count FROM retries WHERE name = ?').pluck()
  const put = database.prepare('INSERT OR REPLACE INTO retries (name, count, at) VALUES (?, ?, ?)')
  const drop = database.prepare('DELETE FROM retries WHERE name = ?')
  return {
    get: <Value>(name: string) => guard(() => find.get(name)) as Value | undefined,
    set: (name, count) => void guard(() => put.run(name, count, now())),
    del: name => void guard(() => drop.run(name)),
    flushAll: () => void guard(() => database.exec('DELETE FROM retries')),
  }
}
